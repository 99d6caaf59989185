import { expect, test } from 'vitest'
import { createLog } from '../../worker/log.ts'
import { isAway, whileAway } from '../../worker/while-away.ts'

const waiting = (signal = new AbortController().signal) => ({ log: createLog('silent'), signal, what: 'it does not answer' })
const grpc = (code: number) => Object.assign(new Error('no'), { code })

test('what passes is tried again until it is done', async () => {
  let tries = 0
  const work = async () => {
    if (++tries < 2) throw new Error('Failed to start Workflow', { cause: grpc(14) })
    return await Promise.resolve('done')
  }
  expect(await whileAway(waiting(), work)).toBe('done')
})

test('what does not pass is said at once', async () => {
  const denied = grpc(7)
  await expect(whileAway(waiting(), () => Promise.reject(denied))).rejects.toBe(denied)
  expect([4, 5, 8, 10, 14, 3, 7, 16].map((code) => isAway(grpc(code)))).toEqual([true, true, true, true, true, false, false, false])
  expect(isAway('away')).toBe(false)
})

test('who is told to stop waits no longer', async () => {
  const stop = new AbortController()
  const ended = whileAway(waiting(stop.signal), () => Promise.reject(grpc(14)))
  stop.abort()
  expect(await ended).toBeNull()
})
