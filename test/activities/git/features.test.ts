import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseMergeTrees } from '../../../activities/git/merge-trees.ts'
import { createTeam, git, joinTeam, type Team } from './support.ts'

let team: Team
beforeEach(() => {
  team = createTeam()
  team.push('develop', { base: '1' })
})
afterEach(() => team.end())

const cut = (branch: string, from = 'develop') => git(team.clone, 'checkout', '-q', '-b', branch, from)
const onDevelop = (...args: string[]) => {
  git(team.clone, 'checkout', '-q', 'develop')
  git(team.clone, ...args)
}
const pushAll = (...refs: string[]) => git(team.clone, 'push', '-q', '-f', 'origin', ...refs)
const merged = async (branch: string, cursor: string | null = null) => (await team.look({ cursor, features: [branch] })).features[0]!.merged

test('a merge is seen, and so is the tip', async () => {
  cut('feature/x')
  const tip = team.push('feature/x', { x: '1' })
  const first = await team.look({ features: ['feature/x', 'feature/none'] })
  expect(first.features).toEqual([
    { branch: 'feature/x', revision: tip, merged: null },
    { branch: 'feature/none', revision: null, merged: null },
  ])
  onDevelop('merge', '-q', '--no-ff', '-m', 'merge', 'feature/x')
  pushAll('develop')
  expect((await team.look({ cursor: first.cursor, features: ['feature/x'] })).features).toEqual([
    { branch: 'feature/x', revision: tip, merged: 'merge' },
  ])
  // Develop goes on, and it stays so.
  team.push('develop', { base: '2' })
  expect(await merged('feature/x')).toBe('merge')
})

test('a feature that was just cut has nothing to merge', async () => {
  pushAll('develop:refs/heads/feature/new')
  const { cursor } = await team.look({ features: ['feature/new'] })
  expect(await merged('feature/new')).toBe(null)
  team.push('develop', { base: '2' })
  expect(await merged('feature/new', cursor)).toBe(null)
})

test('a fast-forward merge is seen at the look after it', async () => {
  cut('feature/ff')
  team.push('feature/ff', { x: '1' })
  const { cursor } = await team.look({ features: ['feature/ff'] })
  onDevelop('merge', '-q', '--ff-only', 'feature/ff')
  pushAll('develop')
  expect(await merged('feature/ff', cursor)).toBe('merge')
})

test('a branch moved back onto develop is not merged by that', async () => {
  cut('feature/reset')
  team.push('feature/reset', { x: '1' })
  const { cursor } = await team.look({ features: ['feature/reset'] })
  onDevelop('commit', '-q', '--allow-empty', '-m', 'on')
  pushAll('develop', 'develop:refs/heads/feature/reset')
  expect(await merged('feature/reset', cursor)).toBe(null)
})

describe('a squash', () => {
  test('is seen when develop has all of it', async () => {
    cut('feature/sq')
    team.push('feature/sq', { x: '1' })
    team.push('feature/sq', { y: '1' })
    team.push('develop', { base: '2' })
    expect(await merged('feature/sq')).toBe(null)
    onDevelop('merge', '-q', '--squash', 'feature/sq')
    git(team.clone, 'commit', '-q', '-m', 'squashed')
    pushAll('develop')
    expect(await merged('feature/sq')).toBe('squash')
    const { mirror } = team
    expect(git(mirror.paths.mirror, 'count-objects')).toMatch(/^0 objects/)
  })

  test('is not what changes nothing, or what conflicts', async () => {
    cut('feature/empty')
    team.push('feature/empty', { x: '1' })
    git(team.clone, 'revert', '--no-edit', 'HEAD')
    pushAll('feature/empty')
    cut('feature/conflict', 'develop')
    team.push('feature/conflict', { base: 'theirs' })
    team.push('develop', { base: 'ours' })
    const { features } = await team.look({ features: ['feature/empty', 'feature/conflict'] })
    expect(features.map((feature) => feature.merged)).toEqual([null, null])
  })

  test('nor a history of its own', async () => {
    git(team.clone, 'checkout', '-q', '--orphan', 'feature/orphan')
    git(team.clone, 'commit', '-q', '--allow-empty', '-m', 'orphan')
    pushAll('feature/orphan')
    expect(await merged('feature/orphan')).toBe(null)
  })
})

test('merged and deleted between two looks', async () => {
  cut('feature/gone')
  team.push('feature/gone', { x: '1' })
  cut('feature/dropped', 'develop')
  team.push('feature/dropped', { y: '1' })
  const { cursor } = await team.look({ features: ['feature/gone', 'feature/dropped'] })
  onDevelop('merge', '-q', '--no-ff', '-m', 'merge', 'feature/gone')
  pushAll('develop', ':feature/gone', ':feature/dropped')
  rmSync(`${team.state}/git/shop.git`, { recursive: true })
  const fresh = joinTeam(team.folder, team.remote, team.clone)
  const { features } = await fresh.look({ cursor, features: ['feature/gone', 'feature/dropped'] })
  expect(features).toEqual([
    { branch: 'feature/gone', revision: null, merged: 'merge' },
    { branch: 'feature/dropped', revision: null, merged: null },
  ])
})

test('without develop nothing is merged', async () => {
  cut('feature/x')
  const tip = team.push('feature/x', { x: '1' })
  const { cursor } = await team.look({ features: ['feature/x'] })
  pushAll('feature/x:refs/heads/master')
  git(team.remote, 'update-ref', '-d', 'refs/heads/develop')
  const seen = await team.look({ cursor, features: ['feature/x'] })
  expect(seen).toMatchObject({ develop: null, features: [{ branch: 'feature/x', revision: tip, merged: null }] })
})

test('what merge-tree prints', () => {
  const clean = '1\0aaaa\0\0'
  const conflict = ['0', 'bbbb', '100644 1 1\tf', '100644 2 2\tf', '', ''].join('\0')
  expect(parseMergeTrees(`${clean}${conflict}${clean}`)).toEqual([
    { tree: 'aaaa', conflicts: [] },
    { tree: null, conflicts: ['f'] },
    { tree: 'aaaa', conflicts: [] },
  ])
  expect(parseMergeTrees('')).toEqual([])
})

describe('merges that nobody listed', () => {
  const list = async (features: readonly string[]) => {
    const seen = await team.look({ features })
    return (await team.activities.listUnlistedMerges({ project: 'shop', develop: seen.develop!, features: seen.features })).merges.map(
      ({ subject }) => subject,
    )
  }
  const merge = (branch: string) => {
    cut(branch, 'develop')
    team.push(branch, { [branch.replace('/', '-')]: '1' })
    onDevelop('merge', '-q', '--no-ff', '-m', `Merge branch '${branch}' into develop`, branch)
    pushAll('develop')
  }

  test('are named, those that master or a release has are not', async () => {
    merge('feature/old')
    pushAll('develop:refs/heads/master')
    merge('feature/released')
    pushAll('develop:refs/heads/release-1.0.0')
    merge('feature/unlisted')
    merge('feature/listed')
    expect(await list(['feature/listed'])).toEqual(["Merge branch 'feature/unlisted' into develop"])
    expect(await list([])).toHaveLength(2)
  })

  test('a listed feature explains what was merged of it, not what it was cut after', async () => {
    merge('feature/before')
    merge('feature/listed')
    git(team.clone, 'checkout', '-q', 'feature/listed')
    team.push('feature/listed', { more: '1' })
    onDevelop('merge', '-q', '--no-ff', '-m', 'again', 'feature/listed')
    pushAll('develop')
    expect(await list(['feature/listed'])).toEqual(["Merge branch 'feature/before' into develop"])
  })

  test('a deleted branch is known by the words of its merge', async () => {
    merge('feature/gone')
    pushAll(':feature/gone')
    expect(await list(['feature/gone'])).toEqual([])
    expect(await list(['feature/go'])).toEqual(["Merge branch 'feature/gone' into develop"])
  })
})
