import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { allOwn } from '../../lab/choices.ts'
import { envOf } from '../../lab/env.ts'
import type { LabEnv } from '../../lab/env.ts'
import { layoutOf } from '../../lab/layout.ts'
import { eventually } from '../../lab/machine/probe.ts'
import { run } from '../../lab/machine/run.ts'
import { createRemote } from '../../lab/remote.ts'

let folder: string
let env: LabEnv
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-remote-'))
  env = envOf(layoutOf(folder, 0), allOwn)
  await mkdir(env.git.folder, { recursive: true })
})
afterEach(async () => await rm(folder, { recursive: true }))

const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']

async function pushOnce(url: string): Promise<number> {
  const clone = await mkdtemp(join(folder, 'clone-'))
  await run(['git', 'clone', '--quiet', url, clone])
  await run(['git', '-C', clone, ...identity, 'commit', '--quiet', '--allow-empty', '-m', 'one'])
  const started = Date.now()
  await run(['git', '-C', clone, 'push', '--quiet', 'origin', 'HEAD:develop'])
  return Date.now() - started
}

test('a push runs the hint in the background, outside the repository, and does not wait for it', async () => {
  const remote = await createRemote(env, 'website')
  const proof = join(folder, 'proof')
  await writeFile(remote.hintFile, `sleep 1; env | grep ^GIT_ > '${proof}'; echo hinted >> '${proof}'\n`)
  expect(await pushOnce(remote.url)).toBeLessThan(900)
  const told = () => readFile(proof, 'utf8').catch(() => '')
  expect(await eventually(async () => (await told()).includes('hinted'), 5_000)).toBe(true)
  expect(await told()).not.toMatch(/GIT_(DIR|QUARANTINE_PATH)/)
})

test('without a hint a push is a push, and a second asker gets the same remote', async () => {
  const remote = await createRemote(env, 'website')
  await pushOnce(remote.url)
  expect(await createRemote(env, 'website')).toEqual(remote)
  expect(await run(['git', '-C', remote.folder, 'branch', '--list'])).toContain('develop')
})

test.each(['../x', '-rf', '.git', 'a b', '', 'A;reboot', 'x'.repeat(64)])('%j is no name for a remote', async (name) => {
  await expect(createRemote(env, name)).rejects.toThrow("cannot be a remote's name")
})
