import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActInput } from '../../../activities/deploy/target.ts'
import { createScriptTarget } from '../../../activities/script/target.ts'
import type { Candidate } from '../../../domain/candidate.ts'
import { testHost, type TestHost } from '../ssh/host.ts'

let at: TestHost
beforeAll(async () => void (at = await testHost()))
afterAll(() => at.remove())

const PROJECT = 'test-script'
const candidate: Candidate = {
  revision: 'a'.repeat(40),
  configHash: 'c'.repeat(64),
  images: [
    { service: 'api', repository: 'eap/api', digest: `sha256:${'1'.repeat(64)}`, inputs: '', reused: false },
    { service: 'web-site', repository: 'eap/website', digest: `sha256:${'2'.repeat(64)}`, inputs: '', reused: false },
  ],
}
const attempt = { signal: new AbortController().signal, heartbeat: () => {} }

let epoch = Date.now()

async function placed(text: string, mode = 0o755): Promise<{ command: string; state: string }> {
  const environment = `e${++epoch}`
  const command = join(at.folder, `${environment}.sh`)
  await writeFile(command, text)
  await chmod(command, mode)
  return { command, state: environment }
}

async function deploy(
  command: string,
  environment: string,
  more: { timeoutSeconds?: number; signal?: AbortSignal; fence?: { epoch: number; attempt: number } } = {},
) {
  const target = createScriptTarget({
    target: { host: 'h', command, timeoutSeconds: more.timeoutSeconds ?? 30 },
    host: at.host,
    deps: at.deps,
  })
  const base = { project: PROJECT, environment, candidate, tag: 'v1.0.0', registry: 'registry.example' }
  const content = await target.render({ ...base, parts: {}, mirror: {} as never }, attempt)
  const input: ActInput = { ...base, content, previous: null, rolloutTimeoutMs: 1000, fence: more.fence ?? { epoch: ++epoch, attempt: 1 } }
  const applied = await target.apply(input, { ...attempt, signal: more.signal ?? attempt.signal })
  return { applied, verified: await target.verify(input, attempt), content: content.toString() }
}

afterAll(async () => {
  const home = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((line) => line.startsWith(`${at.host.user}:`))!
    .split(':')[5]!
  await rm(join(home, '.slipway'), { recursive: true, force: true })
})

test('exports TAG and the digests, runs from the home folder, and says what it cannot see', async () => {
  const { command, state } = await placed('#!/bin/sh\necho "$TAG $DIGEST_API $DIGEST_WEB_SITE"; pwd; echo "[${SLIPWAY_COMMAND-unset}]"')
  const { applied, verified, content } = await deploy(command, state)
  const lines = applied.logText.trim().split('\n')
  expect(lines[0]).toBe(`v1.0.0 ${candidate.images[0]!.digest} ${candidate.images[1]!.digest}`)
  expect(lines[2]).toBe('[unset]')
  expect(applied.changes).toEqual([`script ${command} ended with exit code 0`])
  expect(verified.observed).toEqual([expect.stringContaining('not available for a script target')])
  expect(content).not.toMatch(/epoch|attempt/)
})

test('a failing script is permanent, with its last lines', async () => {
  const { command, state } = await placed('#!/bin/sh\necho one\necho "namespace is gone" >&2\nexit 3')
  await expect(deploy(command, state)).rejects.toMatchObject({
    type: 'RolloutFailed',
    nonRetryable: true,
    message: expect.stringContaining('ended with exit code 3: namespace is gone'),
    details: [{ observed: ['one', 'namespace is gone'] }],
  })
})

test('a script that is not there or may not be run is named', async () => {
  await expect(deploy('nowhere.sh', 'nowhere')).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('there is no script ./nowhere.sh'),
  })
  const { command, state } = await placed('#!/bin/sh\n', 0o644)
  await expect(deploy(command, state)).rejects.toMatchObject({ message: expect.stringContaining('chmod +x') })
})

test('after the time that the estate gives it, the script is ended', async () => {
  const { command, state } = await placed(`#!/bin/sh\necho $$ >${at.folder}/late\nsleep 30`)
  await mkdir(at.folder, { recursive: true })
  await expect(deploy(command, state, { timeoutSeconds: 1 })).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('had not ended after 1 s'),
  })
  const pid = Number(await readFile(join(at.folder, 'late'), 'utf8'))
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('a connection that breaks in the middle does not run the script twice', async () => {
  const count = join(at.folder, 'count')
  const { command, state } = await placed(`#!/bin/sh\necho run >>${count}\nsleep 1\necho finished`)
  const fence = { epoch: ++epoch, attempt: 1 }
  const lost = expect(deploy(command, state, { fence })).rejects.toMatchObject({ nonRetryable: false })
  while (!existsSync(count)) await sleep(10)
  await at.breakSessions()
  await lost
  // The workflow tries again as the next attempt of the same epoch.
  const { applied } = await deploy(command, state, { fence: { ...fence, attempt: 2 } })
  expect(applied.logText).toContain('finished')
  expect((await readFile(count, 'utf8')).trim()).toBe('run')
})

test('an older attempt that wakes up late is refused', async () => {
  const { command, state } = await placed('#!/bin/sh\n')
  await deploy(command, state, { fence: { epoch: 7, attempt: 2 } })
  await expect(deploy(command, state, { fence: { epoch: 7, attempt: 1 } })).rejects.toMatchObject({ type: 'Fenced' })
})

test('check says what is there and what is not', async () => {
  const { command } = await placed('#!/bin/sh\n')
  const target = (path: string) =>
    createScriptTarget({ target: { host: 'h', command: path, timeoutSeconds: 5 }, host: at.host, deps: at.deps })
  expect(await target(command).check(attempt)).toContain(`the script ${command}`)
  await expect(target('nowhere.sh').check(attempt)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('place it there'),
  })
})
