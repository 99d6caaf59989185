import { expect, test } from 'vitest'
import { createBuildLog } from '../../../activities/image/build-log.ts'
import { readBuild } from '../../../activities/image/build-stream.ts'
import { readPush } from '../../../activities/image/push-stream.ts'

const ID = `sha256:${'a'.repeat(64)}`
const line = (value: unknown) => `${JSON.stringify(value)}\r\n`
const built = line({ aux: { ID } }) + line({ stream: 'Successfully built aaaaaaaaaaaa\n' })

async function* chunks(...texts: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

const build = async (...texts: (string | Buffer)[]) => await readBuild(chunks(...texts), createBuildLog())

test('an image is built when it is named', async () => {
  expect(await build(line({ stream: 'Step 1/1 : FROM x\n' }), built)).toEqual({ kind: 'built', imageId: ID })
  expect(await build(line({ stream: 'Successfully built 0123456789ab\n' }))).toEqual({ kind: 'built', imageId: '0123456789ab' })
  expect(await build(built.trimEnd())).toEqual({ kind: 'built', imageId: ID })
})

test('messages may be cut anywhere, also inside a character', async () => {
  const whole = Buffer.from(line({ stream: 'Größe 船台\n' }) + built)
  const log = createBuildLog()
  expect(await readBuild(chunks(...[...whole].map((byte) => Buffer.from([byte]))), log)).toEqual({ kind: 'built', imageId: ID })
  expect(log.lastLines()[0]).toBe('Größe 船台')
})

test.each([
  ['error and errorDetail', line({ errorDetail: { code: 3, message: 'no' }, error: 'no' }), { error: 'no', code: 3 }],
  ['error alone', line({ error: 'no' }), { error: 'no', code: null }],
  ['errorDetail alone', line({ errorDetail: { message: 'no' } }), { error: 'no', code: null }],
  ['an error without words', line({ error: '' }), { error: 'an error without words', code: null }],
  ['an error after the image', built + line({ error: 'late' }), { error: 'late', code: null }],
])('%s is a failure, whatever else was said', async (_, text, failure) => {
  expect(await build(line({ stream: 'Step 2/3 : RUN x\n' }), text)).toEqual({ kind: 'failed', step: '2/3 : RUN x', ...failure })
})

test.each([
  ['nothing at all', ''],
  ['an early end', line({ stream: 'Step 1/2 : FROM x\n' })],
  ['an early end in a message', line({ stream: 'Step 1/2 : FROM x\n' }) + '{"stream":"Suc'],
  ['what is no JSON', `<html>502</html>\n${built}`],
  ['JSON that is no message', `[]\n${built}`],
  ['a line without an end', 'x'.repeat(2 * 1024 * 1024)],
])('%s is transient', async (_, text) => {
  await expect(build(text)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false })
})

test('a push gives the digest of its tag', async () => {
  const push = async (...texts: string[]) => await readPush(chunks(...texts), 'v1', () => {})
  const aux = line({ aux: { Tag: 'v1', Digest: ID, Size: 1 } })
  expect(await push(line({ status: 'Pushed', id: 'x' }), aux)).toEqual({ kind: 'pushed', digest: ID })
  expect(await push(line({ errorDetail: { message: 'denied' } }))).toEqual({ kind: 'failed', error: 'denied' })
  await expect(push(line({ status: 'Pushed', id: 'x' }))).rejects.toMatchObject({ nonRetryable: false })
  await expect(push(line({ aux: { Tag: 'v2', Digest: ID } }))).rejects.toMatchObject({ nonRetryable: false })
})
