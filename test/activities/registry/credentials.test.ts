import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogins } from '../../../activities/registry/credentials.ts'

const read = async (path: string) => await readFile(path, 'utf8')
const signal = new AbortController().signal
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-helper-'))
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

async function loginBy(script: string, aborted = signal) {
  await writeFile(join(folder, 'docker-credential-lab'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  await writeFile(join(folder, 'config.json'), JSON.stringify({ credsStore: 'lab' }))
  const logins = createLogins(
    { address: 'registry.example', plainHttp: false, credentials: { dockerConfig: join(folder, 'config.json') } },
    { readFile: read, env: { PATH: `${folder}:/usr/bin:/bin` } },
  )
  return await logins('registry.example', aborted)
}

test('a helper is asked by pipe, and gets nothing secret in its arguments', async () => {
  const login = await loginBy(
    `read server; echo "$* $server" > ${folder}/asked; echo '{"ServerURL":"x","Username":"ci","Secret":"canary"}'`,
  )
  expect(login).toEqual({ kind: 'password', username: 'ci', password: 'canary' })
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('get registry.example\n')
})

test('a helper may give a token', async () => {
  expect(await loginBy(`echo '{"Username":"<token>","Secret":"t"}'`)).toEqual({ kind: 'identity', token: 't' })
})

test('a helper that has nothing is no failure', async () => {
  expect(await loginBy('echo "credentials not found in native keychain"; exit 1')).toBeNull()
})

test.each([
  ['exit 3', 'ended with code 3'],
  ['echo locked; exit 1', 'locked'],
  [`echo '{"Username":"ci","Secret":"canary"'`, 'did not answer in JSON'],
  [`echo '{"Secret":"canary"}'; exit 1`, 'it said nothing'],
])('a helper that does %j fails, for now', async (script, words) => {
  const failure = await loginBy(script).catch((error: unknown) => error as Error)
  expect(failure).toMatchObject({ nonRetryable: false, message: expect.stringContaining(words) })
  expect((failure as Error).message).not.toContain('canary')
})

test('a helper that hangs ends with the attempt', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('cancelled by a test')), 50)
  await expect(loginBy('exec sleep 30', controller.signal)).rejects.toThrow('cancelled by a test')
})

test('a missing config.json is permanent', async () => {
  const logins = createLogins(
    { address: 'registry.example', plainHttp: false, credentials: { dockerConfig: join(folder, 'none.json') } },
    { readFile: read, env: {} },
  )
  await expect(logins('registry.example', signal)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('ENOENT'),
  })
})

test("a named user is the estate's own registry's alone", async () => {
  const credentials = { username: { env: 'U' }, password: { env: 'P' } }
  const logins = createLogins({ address: 'registry.example', plainHttp: false, credentials }, { readFile: read, env: { U: 'ci', P: 'x' } })
  expect(await logins('registry.example', signal)).toEqual({ kind: 'password', username: 'ci', password: 'x' })
  expect(await logins('docker.io', signal)).toBeNull()
})
