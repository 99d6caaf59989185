import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLock } from '../../../activities/git/lock.ts'
import { runGit, type RunOptions } from '../../../activities/git/run-git.ts'
import { createTeam, joinTeam } from './support.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-test-run-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A git that leaves the ids of itself and its child, and stays. */
function fakeGit(script: string): RunOptions {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin', 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return {
    environment: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
    cwd: folder,
    signal: new AbortController().signal,
    timeoutMs: 60_000,
  }
}

const STAYS = 'sleep 100 & echo $$ $! > pids.part; mv pids.part pids; wait'

test('a cancelled command ends with all its children', async () => {
  const controller = new AbortController()
  const run = runGit({ args: ['fetch'] }, { ...fakeGit(STAYS), signal: controller.signal })
  const pids = await appears('pids')
  controller.abort(new Error('cancelled by test'))
  await expect(run).rejects.toThrow('cancelled by test')
  await expect.poll(() => pids.filter(runs)).toEqual([])
})

test('so does one that takes too long, also when it does not listen', async () => {
  const run = runGit({ args: ['fetch'] }, { ...fakeGit(`trap '' TERM\n${STAYS}\nsleep 100`), timeoutMs: 500 })
  await expect(run).rejects.toMatchObject({ nonRetryable: false, message: expect.stringContaining('git fetch took longer than') })
  const pids = await appears('pids')
  await expect.poll(() => pids.filter(runs), { timeout: 5000 }).toEqual([])
})

test('too much output ends it, too much on stderr does not', async () => {
  await expect(runGit({ args: ['ls-remote'] }, { ...fakeGit('yes'), limitBytes: 1024 * 1024 })).rejects.toMatchObject({
    type: 'InvalidConfiguration',
  })
  const outcome = await runGit({ args: ['push'] }, fakeGit('head -c 3000000 /dev/zero | tr "\\0" x >&2; echo end >&2; echo out; exit 3'))
  expect(outcome).toMatchObject({ exitCode: 3, stdout: Buffer.from('out\n') })
  expect(outcome.stderr).toHaveLength(16 * 1024)
  expect(outcome.stderr.endsWith('xend\n')).toBe(true)
})

test('git that is not installed is permanent, a folder that vanished is not', async () => {
  const options = fakeGit('')
  await expect(runGit({ args: ['version'] }, { ...options, environment: { PATH: '/nowhere' } })).rejects.toMatchObject({
    type: 'InvalidConfiguration',
  })
  await expect(runGit({ args: ['version'] }, { ...options, cwd: join(folder, 'gone') })).rejects.toMatchObject({ nonRetryable: false })
})

test('input reaches it, and nothing of the worker’s environment', async () => {
  process.env['CANARY'] = 'canary'
  const { stdout } = await runGit({ args: [], stdin: 'hello' }, fakeGit('cat; env'))
  delete process.env['CANARY']
  expect(stdout.toString()).toContain('hello')
  expect(stdout.toString()).not.toContain('canary')
})

test('a cancelled look ends the git that talks to the remote', async () => {
  const team = createTeam()
  try {
    team.push('develop', { a: '1' })
    const options = fakeGit(STAYS.replaceAll('pids', `${folder}/pids`))
    const worker = joinTeam(team.folder, team.remote, team.clone, { environment: { PATH: options.environment['PATH']! } })
    const look = worker.look()
    const pids = await appears('pids')
    worker.attempt.controller.abort(new Error('cancelled'))
    await expect(look).rejects.toThrow('cancelled')
    await expect.poll(() => pids.filter(runs)).toEqual([])
  } finally {
    team.end()
  }
})

test('a lock lets one in at a time, in order, and the aborted leave', async () => {
  const lock = createLock()
  const seen: string[] = []
  const { signal } = new AbortController()
  const leaver = new AbortController()
  const work = (name: string) => async () => {
    seen.push(`${name} in`)
    await sleep(20)
    seen.push(`${name} out`)
    if (name === 'b') throw new Error('b failed')
    return name
  }
  const a = lock(work('a'), signal)
  const b = lock(work('b'), signal)
  const left = lock(work('left'), leaver.signal)
  const c = lock(work('c'), signal)
  leaver.abort(new Error('left'))
  await expect(left).rejects.toThrow('left')
  await expect(b).rejects.toThrow('b failed')
  expect(await Promise.all([a, c])).toEqual(['a', 'c'])
  expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
})

async function appears(name: string): Promise<number[]> {
  for (;;) {
    try {
      return readFileSync(join(folder, name), 'utf8').trim().split(' ').map(Number)
    } catch {
      await sleep(20)
    }
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie of a container without an init runs no more.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
