import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cleanWorktrees } from '../../../activities/git/clean.ts'
import { createTeam, git, gitWithInput, joinTeam, type Team } from './support.ts'

let team: Team
let signal: AbortSignal
beforeEach(() => {
  team = createTeam()
  signal = team.attempt.signal
})
afterEach(() => {
  team.mirror.close()
  team.end()
})

const NOWHERE = '0123456789abcdef0123456789abcdef01234567'

describe('ensure', () => {
  test('brings a commit, and says when it is nowhere', async () => {
    const revision = team.push('develop', { a: '1' })
    await team.mirror.ensure(revision, signal)
    await team.mirror.ensure(revision, signal)
    await expect(team.mirror.ensure(NOWHERE, signal)).rejects.toMatchObject({
      type: 'NotFound',
      message: expect.stringContaining('01234567 is not on the remote'),
    })
    await expect(team.mirror.ensure('--all', signal)).rejects.toMatchObject({ type: 'NotFound' })
  })

  test('asked many times at once, in several processes, fetches once each', async () => {
    const revision = team.push('develop', { a: '1' })
    const older = git(team.clone, 'rev-parse', 'HEAD')
    const others = [
      team.mirror,
      joinTeam(team.folder, team.remote, team.clone).mirror,
      joinTeam(team.folder, team.remote, team.clone).mirror,
    ]
    await Promise.all(others.flatMap((mirror) => [1, 2, 3].map(() => mirror.ensure(revision, signal))))
    const newer = team.push('develop', { a: '2' })
    await Promise.all(others.flatMap((mirror) => [newer, older].map((each) => mirror.ensure(each, signal))))
    expect(git(team.mirror.paths.mirror, 'cat-file', '-t', newer)).toBe('commit')
    git(team.mirror.paths.mirror, 'fsck', '--strict')
  })

  test('makes the mirror again when it was removed', async () => {
    const revision = team.push('develop', { a: '1' })
    await team.mirror.ensure(revision, signal)
    const { rmSync } = await import('node:fs')
    rmSync(team.state, { recursive: true })
    await team.mirror.ensure(revision, signal)
    expect((await team.mirror.readFile(revision, 'a', signal))?.toString()).toBe('1')
  })

  test('a remote that hands out tips only gives an older commit too', async () => {
    const older = team.push('develop', { a: '1' })
    team.push('develop', { a: '2' })
    // ssh without GIT_PROTOCOL, as most hosts have it: the first version of git's protocol.
    const bin = join(team.folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'ssh'), '#!/bin/sh\nunset GIT_PROTOCOL\nfor last; do :; done\nexec sh -c "$last"\n', { mode: 0o755 })
    const old = joinTeam(team.folder, team.remote, team.clone, {
      url: `ssh://git@old.example${team.remote}`,
      environment: { PATH: `${bin}:${process.env['PATH']}` },
      state: join(team.folder, 'other'),
    })
    await old.mirror.ensure(older, signal)
    await expect(old.mirror.ensure(NOWHERE, signal)).rejects.toMatchObject({ type: 'NotFound' })
  })
})

describe('reading', () => {
  test('files, folders, links and what is not there', async () => {
    const { mirror } = team
    symlinkSync('/etc/passwd', join(mkdir(team.clone), 'link'))
    git(team.clone, 'add', 'link')
    const revision = team.push('develop', { 'deploy/base/k.yaml': 'kind: x\n', 'sp ace': '', 'größe.txt': 'ü' })
    const text = async (path: string, limit?: number) => (await mirror.readFile(revision, path, signal, limit))?.toString() ?? null
    expect(await text('deploy/base/k.yaml')).toBe('kind: x\n')
    expect(await text('./deploy//base/k.yaml')).toBe('kind: x\n')
    expect(await text('sp ace')).toBe('')
    expect(await text('größe.txt')).toBe('ü')
    for (const path of ['deploy', 'nothing', 'deploy/base/k.yaml/x', '../x', '/etc/passwd', '', '.', 'a\nb', ':(top)link'])
      expect(await text(path)).toBe(null)
    await expect(text('link')).rejects.toMatchObject({ type: 'InvalidConfiguration', message: expect.stringContaining('symbolic link') })
    await expect(text('deploy/base/k.yaml', 3)).rejects.toMatchObject({
      type: 'InvalidConfiguration',
      message: expect.stringContaining('8 bytes'),
    })
    await expect(mirror.readFile(NOWHERE, 'a', signal)).rejects.toMatchObject({ type: 'NotFound' })

    const id = (path: string) => mirror.objectId(revision, path, signal)
    expect(await id('.')).toBe(git(team.clone, 'rev-parse', 'HEAD^{tree}'))
    expect(await id('deploy')).toBe(git(team.clone, 'rev-parse', 'HEAD:deploy'))
    expect(await id('deploy/base/')).toBe(git(team.clone, 'rev-parse', 'HEAD:deploy/base'))
    expect(await id('nothing')).toBe(null)
    expect(await id('../x')).toBe(null)
  })

  test('many at once, large ones between small ones', async () => {
    const big = 'x'.repeat(3_000_000)
    const revision = team.push('develop', { big, small: 's' })
    const read = await Promise.all(Array.from({ length: 20 }, (_, n) => team.mirror.readFile(revision, n % 2 ? 'big' : 'small', signal)))
    expect(read.map((each) => each?.length)).toEqual(read.map((_, n) => (n % 2 ? big.length : 1)))
  })
})

describe('checkout', () => {
  test('is the revision, exactly, and goes away', async () => {
    mkdir(team.clone)
    symlinkSync('/etc/passwd', join(team.clone, 'link'))
    const revision = team.push('develop', {
      'src/a.sh': '#!/bin/sh\n',
      '.gitattributes': 'secret export-ignore\n*.bin filter=evil\n',
      secret: 'kept',
      'x.bin': 'raw',
    })
    git(team.clone, 'update-index', '--chmod=+x', 'src/a.sh')
    git(team.clone, 'update-index', '--add', '--cacheinfo', `160000,${revision},vendor/sub`)
    git(team.clone, 'commit', '-q', '-m', 'more')
    git(team.clone, 'push', '-q', 'origin', 'develop')
    const tip = git(team.clone, 'rev-parse', 'HEAD')
    const [one, two] = await Promise.all([team.mirror.checkout(tip, signal), team.mirror.checkout(revision, signal)])
    expect(readdirSync(one.folder).toSorted()).toEqual(['.gitattributes', 'link', 'secret', 'src', 'vendor', 'x.bin'])
    expect(lstatSync(join(one.folder, 'link')).isSymbolicLink()).toBe(true)
    expect(lstatSync(join(one.folder, 'src/a.sh')).mode & 0o100).toBe(0o100)
    expect(lstatSync(join(two.folder, 'src/a.sh')).mode & 0o100).toBe(0)
    expect(readFileSync(join(one.folder, 'x.bin'), 'utf8')).toBe('raw')
    expect(readdirSync(join(one.folder, 'vendor/sub'))).toEqual([])
    await one.release()
    await one.release()
    await two.release()
    expect(existsSync('/etc/passwd')).toBe(true)
    expect(readdirSync(team.mirror.paths.work)).toEqual([])
  })

  test('of a tree that names .git writes nothing there', async () => {
    const base = team.push('develop', { a: '1' })
    const blob = gitWithInput(team.clone, 'evil', 'hash-object', '-w', '--stdin')
    const hooks = gitWithInput(team.clone, `100755 blob ${blob}\tpost-checkout\n`, 'mktree')
    const tree = gitWithInput(team.clone, `040000 tree ${hooks}\t.git\n`, 'mktree')
    const commit = git(team.clone, 'commit-tree', tree, '-p', base, '-m', 'evil')
    git(team.clone, 'push', '-q', 'origin', `${commit}:refs/heads/develop`)
    await expect(team.mirror.checkout(commit, signal)).rejects.toThrow(/invalid path|could not check out/)
    expect(readdirSync(team.mirror.paths.work)).toEqual([])
  })
})

test('leftovers of dead workers are cleaned, what is in use stays', async () => {
  const revision = team.push('develop', { a: '1' })
  const used = await team.mirror.checkout(revision, signal)
  const dead = await team.mirror.checkout(revision, signal)
  const { work, mirror } = team.mirror.paths
  const { renameSync } = await import('node:fs')
  const old = new Date(Date.now() - 2 * 60 * 60_000)
  const deadFolder = join(work, 'checkout-999999999-abcdef')
  renameSync(join(dead.folder, '..'), deadFolder)
  mkdirSync(join(work, 'scratch-young'))
  writeFileSync(join(mirror, 'objects/pack/tmp_pack_x'), 'half')
  for (const path of [deadFolder, join(used.folder, '..'), join(mirror, 'objects/pack/tmp_pack_x')]) utimesSync(path, old, old)
  const cleaned = await cleanWorktrees(team.state, { environment: process.env, signal, now: Date.now() })
  expect(cleaned.worktrees).toBe(1)
  expect(cleaned.bytes).toBeGreaterThan(0)
  expect(new Set(readdirSync(work))).toEqual(new Set([used.folder.split('/').at(-2), 'scratch-young']))
  expect(existsSync(join(mirror, 'objects/pack/tmp_pack_x'))).toBe(false)
  expect((await team.mirror.readFile(revision, 'a', signal))?.toString()).toBe('1')
  expect(await cleanWorktrees(join(team.folder, 'nothing'), { environment: process.env, signal, now: Date.now() })).toEqual({
    worktrees: 0,
    bytes: 0,
  })
})

test('branches that are long gone are forgotten, others are kept', async () => {
  team.push('develop', { a: '1' })
  for (const branch of ['feature/gone', 'feature/there']) {
    git(team.clone, 'checkout', '-q', '-b', branch, 'develop')
    team.push(branch, { b: branch })
  }
  const features = ['feature/gone', 'feature/there']
  const { cursor } = await team.look({ features })
  git(team.clone, 'push', '-q', 'origin', ':feature/gone')
  await team.look({ cursor, features })
  const held = () => git(team.mirror.paths.mirror, 'for-each-ref', '--format=%(refname:lstrip=3)').split('\n')
  const clean = (days: number) =>
    cleanWorktrees(team.state, { environment: process.env, signal, now: Date.now() + days * 24 * 60 * 60_000 })
  await clean(80)
  expect(held()).toEqual(['heads%develop', 'heads%feature%gone', 'heads%feature%there'])
  await clean(100)
  expect(held()).toEqual(['heads%develop', 'heads%feature%there'])
})

function mkdir(folder: string): string {
  mkdirSync(folder, { recursive: true })
  return folder
}
