import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { daemonRuns, endDaemon, ensureDaemon, lastWords, recorded } from '../../lab/machine/daemon.ts'
import { withLock } from '../../lab/machine/lock.ts'
import { eventually } from '../../lab/machine/probe.ts'
import { endProcess, identify, isSame } from '../../lab/machine/process.ts'
import { run } from '../../lab/machine/run.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'lab-machine-'))))
afterEach(async () => await rm(folder, { recursive: true }))

test('a daemon is started once, has a session of its own, and ends', async () => {
  const daemon = { name: 'sleeper', argv: ['sleep', '60'] }
  await ensureDaemon(folder, daemon)
  const first = await recorded(folder, 'sleeper')
  await ensureDaemon(folder, daemon)
  expect(await recorded(folder, 'sleeper')).toEqual(first)
  expect((await run(['ps', '-o', 'sid=', '-p', String(first?.pid)])).trim()).toBe(String(first?.pid))
  await endDaemon(folder, 'sleeper')
  expect(await daemonRuns(folder, 'sleeper')).toBe(false)
})

test('one that died is started again', async () => {
  const daemon = { name: 'sleeper', argv: ['sleep', '60'] }
  await ensureDaemon(folder, daemon)
  const first = await recorded(folder, 'sleeper')
  process.kill(first?.pid ?? 0, 'SIGKILL')
  await eventually(async () => !(await daemonRuns(folder, 'sleeper')), 2_000)
  await ensureDaemon(folder, daemon)
  expect((await recorded(folder, 'sleeper'))?.pid).not.toBe(first?.pid)
  await endDaemon(folder, 'sleeper')
})

test('a daemon is not given the addresses of the shell that started it', async () => {
  process.env['DOCKER_HOST'] = 'unix:///elsewhere'
  await ensureDaemon(folder, { name: 'teller', argv: ['sh', '-c', 'env; sleep 60'], env: { OWN: 'yes' } })
  delete process.env['DOCKER_HOST']
  await eventually(async () => (await lastWords(folder, 'teller', 50)).includes('OWN=yes'), 2_000)
  expect(await lastWords(folder, 'teller', 50)).not.toContain('DOCKER_HOST')
  await endDaemon(folder, 'teller')
})

test('a process that merely has the recorded id is left alone', async () => {
  const bystander = spawn('sleep', ['60'])
  const identity = await identify(bystander.pid ?? 0)
  const older = { ...identity, startTime: '1' }
  expect(await isSame(older)).toBe(false)
  await endProcess(older, 100)
  expect(await isSame(identity)).toBe(true)
  bystander.kill()
})

test('a process that does not listen to SIGTERM is killed in the end', async () => {
  const stubborn = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'])
  await new Promise((resolve) => stubborn.stdout.once('data', resolve))
  const identity = await identify(stubborn.pid ?? 0)
  await endProcess(identity, 200)
  expect(await isSame(identity)).toBe(false)
})

test('work under a lock does not overlap', async () => {
  const events: string[] = []
  const work = (name: string) =>
    withLock(join(folder, 'lock'), async () => {
      events.push(`${name} in`)
      await sleep(30)
      events.push(`${name} out`)
    })
  await Promise.all([work('a'), work('b'), work('c')])
  const pairs = [events.slice(0, 2), events.slice(2, 4), events.slice(4, 6)]
  for (const [entered, left] of pairs) expect(entered?.replace(' in', '')).toBe(left?.replace(' out', ''))
})

test('the lock of a holder that died does not hold anybody up, and is let go after an error', async () => {
  const file = join(folder, 'lock')
  await writeFile(file, JSON.stringify({ pid: process.pid, startTime: '1', bootId: 'another boot' }))
  await expect(withLock(file, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck')
  expect(await withLock(file, async () => 'in')).toBe('in')
})

test('a failing command is told with its last words', async () => {
  await expect(run(['sh', '-c', 'echo why >&2; exit 3'])).rejects.toThrow(/"sh -c .*" failed \(exit 3\):\nwhy/)
})

test('a log is appended to, not begun anew', async () => {
  for (const word of ['one', 'two']) {
    await ensureDaemon(folder, { name: 'talker', argv: ['sh', '-c', `echo ${word}; sleep 60`] })
    await eventually(async () => (await lastWords(folder, 'talker')).includes(word), 2_000)
    await endDaemon(folder, 'talker')
  }
  expect(await readFile(join(folder, 'log', 'talker.log'), 'utf8')).toBe('one\ntwo\n')
})
