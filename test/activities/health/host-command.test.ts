import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkHealth } from '../../../activities/health/check.ts'
import { checksOf } from '../../../activities/health/checks.ts'
import { withSharedConnection } from '../../../activities/ssh/share.ts'
import type { CommandCheck, HostEstate } from '../../../config/estate-schema.ts'
import { testHost, type TestHost } from '../ssh/host.ts'

let at: TestHost
beforeAll(async () => void (at = await testHost()), 60_000)
afterAll(async () => await at.remove())

const facts = { environment: 'integration', tag: 'develop.aaaaaaaa', revision: 'a'.repeat(40) }
const check = (script: string, more: Partial<CommandCheck> = {}): CommandCheck => ({
  command: ['sh', '-c', `cd "$0" && ${script}`, at.folder],
  on: 'host',
  answerSeconds: 5,
  successes: 1,
  intervalSeconds: 0.05,
  timeoutSeconds: 2,
  ...more,
})

function ask(each: CommandCheck, signal = new AbortController().signal) {
  return askOn(at.host, [each], signal)
}

function askOn(where: HostEstate, checks: readonly CommandCheck[], signal = new AbortController().signal) {
  const environment = { SECRET: 'hidden' }
  return withSharedConnection(where, { ...at.deps, env: environment }, (host) =>
    checkHealth(checksOf(checks, facts, { host, environment }), { signal, heartbeat: () => {} }),
  )
}

const logins = () => at.log().split('Accepted publickey').length

test("it runs as the host's user, knows the deployment, and nothing of the worker", async () => {
  const [line] = await ask(check('echo "$(id -un) $TAG $ENVIRONMENT ${#REVISION} ${SECRET-none}"'))
  expect(line).toContain(`on 127.0.0.1 ended with code 0: "${at.host.user} develop.aaaaaaaa integration 40 none"`)
})

test('its runs share a connection, and it is asked until it says yes', async () => {
  const before = logins()
  const [line] = await ask(check('echo x >>tries; [ $(wc -l <tries) -ge 3 ] || { echo "not yet"; exit 4; }'))
  expect(line).toMatch(/ended with code 0, after \d\.\d s; 2 bad answers before, the last: ended with code 4: "not yet"$/)
  expect(logins() - before).toBe(1)
})

test('many share a connection, more than the host gives it sessions at once', async () => {
  const before = logins()
  const answers = await askOn(
    at.host,
    Array.from({ length: 12 }, (_, each) => check(`sleep 0.3; echo ${each}`)),
  )
  expect(answers).toEqual(Array.from({ length: 12 }, (_, each) => expect.stringContaining(`ended with code 0: "${each}"`)))
  expect(logins() - before).toBe(1)
})

test('words stay words on the way', async () => {
  const [line] = await ask(check('', { command: ['printf', '%s|', '$(id)', "it's", 'a  b', '-n'] }))
  expect(line).toContain(`code 0: "$(id)|it's|a  b|-n|"`)
})

test('a program that is not there is a bad answer', async () => {
  await expect(ask(check('', { command: ['/nowhere/smoke'], timeoutSeconds: 1 }))).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('ended with code 127'),
  })
})

/** A loop that ignores a TERM, and a child of it in the background. */
const STUBBORN = 'trap "" TERM; (while :; do date +%s%N >alive; sleep 0.05; done) & wait'

async function expectNothingLeft(): Promise<void> {
  const alive = async () => await readFile(join(at.folder, 'alive'), 'utf8')
  await sleep(100)
  const before = await alive()
  await sleep(200)
  expect(await alive()).toBe(before)
}

test('one that does not end is ended there, with all that it began', async () => {
  await expect(ask(check(STUBBORN, { answerSeconds: 1, timeoutSeconds: 1 }))).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('did not end within 1 s'),
  })
  await expectNothingLeft()
})

test('a cancellation, and a worker that is gone, end it there too', async () => {
  await writeFile(join(at.folder, 'alive'), 'never', { mode: 0o666 })
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('cancelled')), 500)
  await expect(ask(check(STUBBORN, { timeoutSeconds: 60 }), controller.signal)).rejects.toThrow('cancelled')
  await sleep(1500)
  await expectNothingLeft()
})

test('a host that is away says nothing about the candidate', async () => {
  await expect(askOn({ ...at.host, port: 1 }, [check('true')])).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false })
})
