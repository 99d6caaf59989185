import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HookEnd } from '../../../activities/deploy/target.ts'
import { createScriptTarget } from '../../../activities/script/target.ts'
import type { Candidate } from '../../../domain/candidate.ts'
import { testHost, type TestHost } from '../ssh/host.ts'

let at: TestHost
let home: string
beforeAll(async () => {
  at = await testHost()
  const passwd = await readFile('/etc/passwd', 'utf8')
  home = passwd
    .split('\n')
    .find((line) => line.startsWith(`${at.host.user}:`))!
    .split(':')[5]!
})
afterAll(async () => {
  await rm(join(home, '.slipway'), { recursive: true, force: true })
  await at.remove()
})

const DIGEST = `sha256:${'1'.repeat(64)}`
const candidate: Candidate = {
  revision: 'a'.repeat(40),
  configHash: 'c'.repeat(64),
  images: [{ service: 'web-site', repository: 'eap/website', digest: DIGEST, inputs: '', reused: false }],
}
let environments = 0

/** A hook of an environment of its own. Its folder is where its script leaves what the test looks at. */
function hookOf(argv: string[], timeoutSeconds = 30) {
  const environment = `hook${process.pid}-${++environments}`
  const target = createScriptTarget({
    target: { host: 'h', command: 'x', timeoutSeconds: 30 },
    host: at.host,
    deps: at.deps,
    // A hook is nothing that is pulled.
    registry: {} as never,
  })
  const base = { project: 'test-hook', environment, candidate, tag: 'v1.0.0', registry: 'r' }
  const state = join(home, '.slipway', `test-hook.${environment}`)
  const file = (name: string) => join(at.folder, `${environment}.${name}`)
  type More = { epoch?: number; attempt?: number; identity?: string; run?: number; signal?: AbortSignal; lines?: string[] }
  return {
    state,
    file,
    /** How often it was begun: its command adds a line. */
    count: async () => (await readFile(file('count'), 'utf8').catch(() => '')).split('\n').length - 1,
    until: async (path: string) => {
      while (!existsSync(path)) await sleep(10)
    },
    run: async ({
      epoch = 1,
      attempt = 1,
      identity,
      run = 1,
      signal = new AbortController().signal,
      lines = [],
    }: More = {}): Promise<HookEnd> => {
      const context = { signal, heartbeat: ({ line }: { line: string }) => lines.push(line) }
      const command = argv.map((each) => each.replaceAll('FILE', file('')))
      const content = await target.renderHook(
        { name: 'migrate', command, timeoutSeconds },
        { ...base, parts: {}, mirror: {} as never },
        Buffer.of(),
        context,
      )
      const hook = { name: 'migrate', content, timeoutSeconds, run }
      return await target.runHook(
        { ...base, fence: { epoch, attempt, ...(identity === undefined ? {} : { identity }) }, content: Buffer.of(), hook },
        context,
      )
    },
  }
}

const sh = (script: string) => ['sh', '-c', script]
const begun = 'echo begun >>FILEcount; '

test('arguments arrive as they are, TAG and the digests are exported, and nothing of ours', async () => {
  const hostile = [`'"$(touch FILEpwned)`, '`id`', '$TAG', 'a\nb\\n\\0101', '-x', '', 'é\r;&|']
  const hook = hookOf(['printf', '[%s]', ...hostile])
  const { outcome, logText } = await hook.run()
  expect(outcome).toBe('succeeded')
  expect(logText).toBe(hostile.map((each) => `[${each.replaceAll('FILE', hook.file(''))}]`).join(''))
  expect(existsSync(hook.file('pwned'))).toBe(false)
  const shown = await hookOf(sh('echo "$TAG $DIGEST_WEB_SITE"; pwd; env | grep -ic "^slipway"')).run()
  expect(shown).toMatchObject({ outcome: 'failed', logText: `v1.0.0 ${DIGEST}\n${home}\n0\n` })
})

test('it is run once for its epoch, and how it ended is told again, whatever was done since', async () => {
  const hook = hookOf(sh(`${begun}echo "no table customer" >&2; exit 3`))
  const end = { outcome: 'failed', words: expect.stringMatching(/^ended with exit code 3 on .*@127/), logText: 'no table customer\n' }
  expect(await hook.run()).toMatchObject(end)
  expect(await hook.run({ attempt: 2 })).toMatchObject(end)
  // An apply comes between: the host keeps one last action, and it is another one now.
  await rm(join(hook.state, 'action'), { recursive: true })
  expect(await hook.run({ attempt: 3 })).toMatchObject(end)
  expect(await hook.count()).toBe(1)
  await hook.run({ attempt: 3, run: 2 })
  expect(await hook.count()).toBe(2)
  await hook.run({ epoch: 2 })
  expect(await hook.count()).toBe(3)
  expect(existsSync(join(hook.state, 'hooks/1.migrate.1'))).toBe(false)
  await expect(hook.run({ epoch: 1, attempt: 9 })).rejects.toMatchObject({ type: 'Fenced' })
})

test('what was run for another deployment of the same epoch is no answer, what an earlier version began is', async () => {
  const [a, b] = ['a'.repeat(12), 'b'.repeat(12)]
  const hook = hookOf(sh(`${begun}echo done`))
  await hook.run({ identity: a })
  await expect(hook.run({ attempt: 2, identity: b })).rejects.toMatchObject({ type: 'Fenced' })
  await rm(join(hook.state, 'fence'))
  await hook.run({ attempt: 2, identity: b })
  expect(await hook.count()).toBe(2)
  expect(await readdir(join(hook.state, 'hooks'))).toEqual([`1.migrate.1.${b}`])

  const before = hookOf(sh(`${begun}echo done`))
  await before.run()
  expect(await before.run({ attempt: 2, identity: a })).toMatchObject({ outcome: 'succeeded', logText: 'done\n' })
  expect(await before.count()).toBe(1)
})

test('many attempts at once begin it once and all learn its end', async () => {
  const hook = hookOf(sh(`${begun}sleep 0.5; echo done`))
  const ends = await Promise.all([1, 1, 1].map((attempt) => hook.run({ attempt })))
  expect(ends.map((each) => [each.outcome, each.logText])).toEqual(Array.from({ length: 3 }, () => ['succeeded', 'done\n']))
  expect(await hook.count()).toBe(1)
})

test('a worker that goes in the middle leaves it running, and the next attempt follows the same run', async () => {
  const hook = hookOf(sh(`${begun}sleep 1; echo done`))
  const lost = expect(hook.run()).rejects.toMatchObject({ nonRetryable: false })
  await hook.until(hook.file('count'))
  await at.breakSessions()
  await lost
  const lines: string[] = []
  expect(await hook.run({ attempt: 2, lines })).toMatchObject({ outcome: 'succeeded', logText: 'done\n' })

  const shutting = hookOf(sh(`${begun}sleep 1; echo done`))
  const controller = new AbortController()
  const left = expect(shutting.run({ signal: controller.signal })).rejects.toThrow('WORKER_SHUTDOWN')
  await shutting.until(shutting.file('count'))
  controller.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await left
  expect(await shutting.run({ attempt: 2 })).toMatchObject({ outcome: 'succeeded', logText: 'done\n' })
  expect([await hook.count(), await shutting.count()]).toEqual([1, 1])
})

test('one that never ends is ended on the host when its time is over, with all that it started', async () => {
  const hook = hookOf(
    sh(`${begun}trap "" TERM; echo $$ >FILEpid; (while :; do sleep 0.2; done) & echo working; while :; do sleep 0.2; done`),
    1,
  )
  const end = { outcome: 'failed', words: expect.stringContaining('had not ended after 1 s and was ended'), logText: 'working\n' }
  expect(await hook.run()).toMatchObject(end)
  expect(await groupOf(await readFile(hook.file('pid'), 'utf8'))).toEqual([])
  expect(await hook.run({ attempt: 2 })).toMatchObject(end)
  expect(await hook.count()).toBe(1)
}, 30_000)

test('cancelled, it is ended on the host and not begun again', async () => {
  const hook = hookOf(sh(`${begun}echo $$ >FILEpid; sleep 60`))
  const controller = new AbortController()
  const cancelled = expect(hook.run({ signal: controller.signal })).rejects.toThrow('CANCELLED')
  await hook.until(hook.file('pid'))
  controller.abort(new CancelledFailure('CANCELLED'))
  await cancelled
  expect(await groupOf(await readFile(hook.file('pid'), 'utf8'))).toEqual([])
  expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'failed', words: expect.stringContaining('was told to end') })
  expect(await hook.count()).toBe(1)
})

test('a newer deployment ends it', async () => {
  const hook = hookOf(sh(`${begun}sleep 60`))
  // It says how it ended, where it is not gone before it can.
  const old = expect(hook.run().then(({ words }) => words, String)).resolves.toMatch(/killed|newer|was told to end/)
  await hook.until(hook.file('count'))
  const controller = new AbortController()
  const newer = hook.run({ epoch: 2, signal: controller.signal }).catch(() => {})
  await old
  controller.abort(new CancelledFailure('CANCELLED'))
  await newer
})

test('begun, and neither a process nor an end: unknown, and never begun again', async () => {
  const hook = hookOf(sh(`${begun}echo half; echo $$ >FILEpid; sleep 60`))
  const lost = expect(hook.run()).rejects.toMatchObject({ nonRetryable: false })
  await hook.until(hook.file('pid'))
  // As a power failure leaves it: everything gone at once, and nobody wrote down how.
  const command = (await readFile(hook.file('pid'), 'utf8')).trim()
  const [action] = (await readFile(join(hook.state, 'action/pid'), 'utf8')).trim().split('\n')
  for (const group of [Number(action), Number(command)]) process.kill(-group, 'SIGKILL')
  await lost
  const unknown = { outcome: 'unknown', words: expect.stringContaining('was begun, and there is neither'), logText: 'half\n' }
  expect(await hook.run({ attempt: 2 })).toMatchObject(unknown)
  expect(await hook.run({ attempt: 3 })).toMatchObject(unknown)
  expect(await hook.count()).toBe(1)
})

test('while what was begun still lives, its end is waited for, also when the shell that waited is gone', async () => {
  const hook = hookOf(sh(`${begun}sleep 1.5; touch FILEended`))
  const lost = expect(hook.run()).rejects.toMatchObject({ nonRetryable: false })
  await hook.until(hook.file('count'))
  process.kill(-Number((await readFile(join(hook.state, 'action/pid'), 'utf8')).trim()), 'SIGKILL')
  await lost
  expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'unknown' })
  expect(existsSync(hook.file('ended'))).toBe(true)
  expect(await hook.count()).toBe(1)
})

test('its time is over for it, too, when the shell that waited is gone', async () => {
  const hook = hookOf(sh(`${begun}echo $$ >FILEpid; sleep 60`), 2)
  const lost = expect(hook.run()).rejects.toMatchObject({ nonRetryable: false })
  await hook.until(hook.file('pid'))
  process.kill(-Number((await readFile(join(hook.state, 'action/pid'), 'utf8')).trim()), 'SIGKILL')
  await lost
  expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'failed', words: expect.stringContaining('had not ended after 2 s') })
  expect(await groupOf(await readFile(hook.file('pid'), 'utf8'))).toEqual([])
}, 30_000)

/** The processes of a session that live, by the pid of its leader. */
async function groupOf(pid: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--sid', pid.trim()]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter((line) => line.trim() !== '' && !line.includes('<defunct>'))
}
