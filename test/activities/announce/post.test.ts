import { expect, test } from 'vitest'
import { post } from '../../../activities/announce/post.ts'
import { isPublicAddress } from '../../../activities/announce/public-address.ts'
import { openReceiver } from './receiver.ts'

test('a receiver that takes it and never answers is given up in time', async () => {
  const there = await openReceiver(['never'])
  const started = Date.now()
  const message = { url: new URL(`http://127.0.0.1:${there.port}/`), headers: {}, body: '{}' }
  const options = { name: 'mine', privateHosts: ['127.0.0.1'], signal: new AbortController().signal, answerMs: 300 }
  await expect(post(message, options)).rejects.toMatchObject({ type: 'Unavailable', message: expect.stringContaining('no answer in time') })
  expect(Date.now() - started).toBeLessThan(3000)
  await there.close()
})

test('what is cancelled ends at once', async () => {
  const there = await openReceiver(['never'])
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('cancelled')), 100)
  const message = { url: new URL(`http://127.0.0.1:${there.port}/`), headers: {}, body: '{}' }
  await expect(post(message, { name: 'mine', privateHosts: ['127.0.0.1'], signal: stop.signal })).rejects.toThrow('cancelled')
  await there.close()
})

test('a name is asked for once: what it says to the next who asks gains nothing', async () => {
  const judged = await openReceiver([204], '127.0.0.1')
  const other = await openReceiver([204], '127.0.0.2', judged.port)
  let asked = 0
  const look = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
  const message = { url: new URL(`http://changing.example:${judged.port}/in`), headers: {}, body: '{}' }
  const options = { name: 'mine', signal: new AbortController().signal, look }
  await post(message, { ...options, privateHosts: ['changing.example'] })
  expect({ asked, judged: judged.received.length, other: other.received }).toEqual({ asked: 1, judged: 1, other: [] })
  expect(judged.received[0]?.headers.host).toBe(`changing.example:${judged.port}`)
  await Promise.all([judged.close(), other.close()])
})

test('of a name with several addresses each is judged', async () => {
  const look = async () => ['1.1.1.1', '10.0.0.1'].map((address) => ({ address, family: 4 }))
  const message = { url: new URL('https://both.example/in'), headers: {}, body: '{}' }
  const options = { name: 'mine', privateHosts: [], signal: new AbortController().signal, look }
  await expect(post(message, options)).rejects.toMatchObject({ type: 'Refused', nonRetryable: true })
})

test.each(['1.1.1.1', '168.63.129.17', '93.184.216.34', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true)
  },
)

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.2',
  '168.63.129.16',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.0.1',
  '198.19.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::10.0.0.1',
  '64:ff9b::a00:1',
  'fe80::1',
  'fc00::1',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:a00:1::',
  '100::1',
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})
