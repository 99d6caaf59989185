import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadKubeconfig } from '../../../activities/kustomize/kubeconfig.ts'
import { logIn } from '../../../activities/kustomize/login.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const environment = { PATH: process.env['PATH'], FROM_WORKER: 'w', BOTH: 'worker' }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-exec-'))
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

/** Logs in by a plugin that is this script. */
async function run(
  script: string,
  {
    signal = new AbortController().signal,
    timeoutMs = 20_000,
    env = '[]',
  }: { signal?: AbortSignal; timeoutMs?: number; env?: string } = {},
) {
  return await logIn(await credentials(script, env), signal, timeoutMs)
}

let scripts = 0
async function credentials(script: string, env = '[]') {
  const name = `plugin-${++scripts}`
  await writeFile(at(name), `#!/bin/sh\n${script}\n`)
  await chmod(at(name), 0o755)
  const kubeconfig = at(`${name}.yaml`)
  await writeFile(
    kubeconfig,
    `current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: "https://127.0.0.1:9"}}]\nusers: [{name: u, user: {exec: {command: ./${name}, env: ${env}}}}]\n`,
  )
  return { config: (await loadKubeconfig({ kubeconfig })).config, kubeconfig, environment }
}

const failureOf = async (login: Promise<unknown>) =>
  await login.then(
    () => expect.unreachable('the login should have failed'),
    (error: unknown) => error as Error & { type: string; nonRetryable: boolean },
  )

/** The ids of a plugin and of its child, once both have begun. */
async function idsIn(name: string): Promise<readonly number[]> {
  const read = async () => (await readFile(at(name), 'utf8')).split(/\s+/).filter(Boolean).map(Number)
  await expect.poll(read, { timeout: 5000 }).toHaveLength(2)
  return await read()
}

async function gone(id: number): Promise<boolean> {
  const status = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => null)
  return status === null || /\) Z /.test(status)
}

const goneWithin = async (ids: readonly number[], ms: number) =>
  await expect.poll(async () => await Promise.all(ids.map(gone)), { timeout: ms, interval: 20 }).toEqual([true, true])

/** Hangs with a child that hangs. The file has to be there before it is read. */
async function hanging(name: string, before = ''): Promise<string> {
  await writeFile(at(name), '')
  return `${before}\nsleep 600 & echo $$ $! > ${at(name)}; wait`
}

test('a plugin that hangs is gone when the attempt is cancelled, with what it started', async () => {
  const controller = new AbortController()
  const login = failureOf(run(await hanging('cancelled'), { signal: controller.signal }))
  const ids = await idsIn('cancelled')
  expect(await Promise.all(ids.map(gone))).toEqual([false, false])
  controller.abort(new Error('cancelled by a person'))
  expect((await login).message).toBe('cancelled by a person')
  await goneWithin(ids, 500)
})

test('a plugin that hangs is gone at the deadline, with what it started', async () => {
  const login = failureOf(run(await hanging('late'), { timeoutMs: 700 }))
  const ids = await idsIn('late')
  expect(await login).toMatchObject({
    type: 'Unavailable',
    nonRetryable: false,
    message: expect.stringMatching(/credential plugin \S+\/plugin-\d+ failed: it was not done after 0\.7 s$/),
  })
  await goneWithin(ids, 500)
})

test('a plugin that does not want to end is ended', async () => {
  const controller = new AbortController()
  const login = failureOf(run(await hanging('stubborn', `trap '' TERM`), { signal: controller.signal }))
  const ids = await idsIn('stubborn')
  controller.abort(new Error('cancelled'))
  await login
  await goneWithin(ids, 3000)
})

test('an attempt that was cancelled before starts nothing', async () => {
  await expect(run(`touch ${at('started')}`, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  await expect(readFile(at('started'))).rejects.toThrow('ENOENT')
})

test('what it started in the background is left alone when it has answered', async () => {
  await writeFile(at('daemon'), '')
  await run(`sleep 600 >/dev/null 2>&1 & echo $$ $! > ${at('daemon')}; echo '{"status":{"token":"t"}}'`)
  const [, daemon = 0] = await idsIn('daemon')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await gone(daemon)).toBe(false)
  process.kill(daemon, 'SIGKILL')
})

test("its environment is the worker's and the kubeconfig's, which wins; stdin is empty", async () => {
  process.env['SLIPWAY_TEST_STRAY'] = 'stray'
  try {
    const login = await run(
      `printf '{"status":{"token":"%s-%s-%s-%s-%s"}}' "$FROM_WORKER" "$BOTH" "$OWN" "$SLIPWAY_TEST_STRAY" "$(wc -c)"`,
      {
        env: '[{name: BOTH, value: kubeconfig}, {name: OWN, value: o}]',
      },
    )
    expect(login.headers).toMatchObject({ Authorization: 'Bearer w-kubeconfig-o--0' })
  } finally {
    delete process.env['SLIPWAY_TEST_STRAY']
  }
})

test('an answer is kept until it expires, and each new run can be cancelled', async () => {
  const until = new Date(Date.now() + 1000).toISOString()
  await writeFile(at('second'), '')
  const plugin = await credentials(
    `if [ -e ${at('ran')} ]; then ${await hanging('second')}; fi\ntouch ${at('ran')}\necho '{"status":{"token":"t","expirationTimestamp":"${until}"}}'`,
  )
  const controller = new AbortController()
  for (let n = 0; n < 3; n++) expect(await logIn(plugin, controller.signal)).toMatchObject({ headers: { Authorization: 'Bearer t' } })
  await new Promise((resolve) => setTimeout(resolve, Date.parse(until) - Date.now() + 10))
  const login = failureOf(logIn(plugin, controller.signal))
  const ids = await idsIn('second')
  controller.abort(new Error('cancelled'))
  expect((await login).message).toBe('cancelled')
  await goneWithin(ids, 500)
})

test.each([
  ['rubbish', 'echo secret-canary'],
  ['null', 'echo null # canary'],
  ['no status', `echo '{"canary":1}'`],
  ['neither token nor certificate', `echo '{"status":{"canary":1}}'`],
  ['a token of two lines', `printf '{"status":{"token":"canary\\\\ncanary"}}'`],
  ['a token that is no text', `echo '{"status":{"token":{"canary":1}}}'`],
])('a plugin that prints no credential: %s', async (_name, script) => {
  const failure = await failureOf(run(script))
  expect(failure).toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message: expect.stringContaining('did not print an ExecCredential'),
  })
  expect(JSON.stringify([failure, String(failure.cause)])).not.toContain('canary')
})

test('a certificate is a credential too', async () => {
  expect(await run(`echo '{"status":{"clientCertificateData":"c","clientKeyData":"k"}}'`)).toMatchObject({ cert: 'c', key: 'k' })
})

test('a plugin that prints without end is ended', async () => {
  const before = process.memoryUsage().rss
  const failure = await failureOf(run(`echo $$ > ${at('endless')}; head -c 100000000 /dev/zero; sleep 600`))
  expect(failure).toMatchObject({
    type: 'Refused',
    message: expect.stringMatching(/printed more than 1 MB, which is no ExecCredential\.$/),
  })
  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000)
  const id = Number(await readFile(at('endless'), 'utf8'))
  await goneWithin([id, id], 1500)
})

test('of 100 MB on stderr the last line is told', async () => {
  const before = process.memoryUsage().rss
  const failure = await failureOf(run('head -c 100000000 /dev/zero | tr "\\0" x >&2; echo >&2; echo the cloud is away >&2; exit 1'))
  expect(failure).toMatchObject({ type: 'Unavailable', message: expect.stringMatching(/failed: the cloud is away$/) })
  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000)
})

test.each([
  ['exit 3', /failed: it ended with code 3 and said nothing$/],
  ['kill -9 $$', /failed: it was ended by SIGKILL$/],
  ['echo denied >&2; echo secret-canary; exit 1', /failed: denied$/],
])('a plugin that ends badly may work later: %s', async (script, words) => {
  const failure = await failureOf(run(script))
  expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false, message: expect.stringMatching(words) })
  expect(failure.message).not.toContain('canary')
})

test('secrets of the kubeconfig and credentials on stderr are not told', async () => {
  const failure = await failureOf(
    run('echo "login as ops with $API_SECRET at $REGION refused, token=canary-canary" >&2; exit 1', {
      env: '[{name: API_SECRET, value: canary}, {name: REGION, value: eu-1}]',
    }),
  )
  expect(failure.message).toMatch(/failed: login as ops with \*\*\* at eu-1 refused, token=\*\*\*/)
  expect(failure.message).not.toContain('canary')
})
