import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runPrebuild, type PrebuildInput } from '../../../activities/image/prebuild.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-prebuild-'))
})
afterEach(async () => await rm(folder, { recursive: true, force: true }))

let output: string
async function run(command: string, options: Partial<PrebuildInput> = {}) {
  output = ''
  return await runPrebuild({
    run: command,
    folder,
    stateFolder: join(folder, 'state'),
    path: '/usr/bin:/bin',
    timeoutMs: 10_000,
    onOutput: (text) => void (output += text),
    signal: new AbortController().signal,
    ...options,
  })
}

/** An orphan that was killed may stay a zombie for as long as the machine's process 1 likes. */
const lives = async (pidFile: string) => {
  const pid = (await readFile(join(folder, pidFile), 'utf8')).trim()
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return stat !== null && !/^\d+ \(.*\) [ZX]/.test(stat)
}

test('it has nothing of the worker’s environment', async () => {
  process.env['SLIPWAY_CANARY'] = 'canary'
  expect(await run('env; pwd')).toEqual({ kind: 'done' })
  delete process.env['SLIPWAY_CANARY']
  const names = [...output.matchAll(/^(\w+)=/gm)].map(([, name]) => name ?? '')
  // The last ones are the shell's own.
  expect(new Set(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)))).toEqual(new Set(['HOME', 'LANG', 'PATH']))
  expect(output.trimEnd().endsWith(folder)).toBe(true)
  expect(await readdir(join(folder, 'state', 'prebuild'))).toEqual([])
})

test('both outputs are taken, and it cannot ask', async () => {
  expect(await run('echo out; echo err >&2; read x || echo none')).toEqual({ kind: 'done' })
  expect(output.split('\n').toSorted()).toEqual(['', 'err', 'none', 'out'])
})

test('how it failed is told', async () => {
  expect(await run('exit 3')).toEqual({ kind: 'failed', how: 'it ended with code 3' })
  expect(await run('kill -9 $$')).toEqual({ kind: 'failed', how: 'it was ended by SIGKILL' })
  expect(await run('sleep 20', { timeoutMs: 100 })).toEqual({ kind: 'failed', how: 'it was ended after 0.1 s (prebuild.timeoutSeconds)' })
})

test('cancelling ends all of it, also what ignores SIGTERM and what runs behind', async () => {
  const controller = new AbortController()
  const running = run('trap "" TERM; sleep 60 & echo $! > pid; wait; sleep 60', { signal: controller.signal })
  await sleep(200)
  controller.abort(new Error('cancelled by a test'))
  await expect(running).rejects.toThrow('cancelled by a test')
  expect(await lives('pid')).toBe(false)
})

test('what it leaves running goes with it', async () => {
  expect(await run('sleep 60 & echo $! > pid')).toEqual({ kind: 'done' })
  await sleep(50)
  expect(await lives('pid')).toBe(false)
})
