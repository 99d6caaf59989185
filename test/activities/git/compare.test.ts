import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTeam, git, type Team } from './support.ts'

let team: Team
let base: string
beforeEach(() => {
  team = createTeam()
  base = team.push('develop', { a: '1' })
})
afterEach(() => team.end())

const cut = (branch: string, from = base) => git(team.clone, 'checkout', '-q', '-b', branch, from)
const compare = (a: string, b: string) => team.activities.compareRevisions({ project: 'shop', a, b })

/** Two commits of a release, and develop one further by a change of its own. */
function apart() {
  const develop = team.push('develop', { c: '1' })
  cut('release-1.0.0')
  const first = team.push('release-1.0.0', { b: '1' })
  const second = team.push('release-1.0.0', { b: '2', d: '1' })
  git(team.clone, 'checkout', '-q', 'develop')
  return { develop, first, second }
}

const pushed = () => {
  git(team.clone, 'push', '-q', 'origin', 'develop')
  return git(team.clone, 'rev-parse', 'develop')
}

test('how revisions stand to each other', async () => {
  const newer = team.push('develop', { a: '2' })
  cut('release-1.0.0')
  const other = team.push('release-1.0.0', { b: '1' })
  expect(await compare(newer, newer)).toEqual({ relation: 'same', ahead: 0, lacks: 0 })
  expect(await compare(newer, base)).toEqual({ relation: 'ahead', ahead: 1, lacks: 0 })
  expect(await compare(base, newer)).toEqual({ relation: 'behind', ahead: 0, lacks: 1 })
  expect(await compare(other, newer)).toEqual({ relation: 'diverged', ahead: 1, lacks: 1 })
  await expect(compare(newer, 'f'.repeat(40))).rejects.toMatchObject({ type: 'NotFound' })
})

test('what came as a merge, as a squash or by cherry-picks is not lacking', async () => {
  const { develop, first, second } = apart()
  expect(await compare(develop, second)).toEqual({ relation: 'diverged', ahead: 1, lacks: 2 })
  git(team.clone, 'merge', '-q', '--squash', second)
  git(team.clone, 'commit', '-q', '-m', 'squashed')
  expect(await compare(pushed(), second)).toEqual({ relation: 'diverged', ahead: 2, lacks: 0 })

  git(team.clone, 'reset', '-q', '--hard', develop)
  git(team.clone, 'cherry-pick', first)
  git(team.clone, 'push', '-q', '-f', 'origin', 'develop')
  expect(await compare(pushed(), second), 'one of two').toMatchObject({ relation: 'diverged', lacks: 2 })
  git(team.clone, 'cherry-pick', second)
  expect(await compare(pushed(), second)).toMatchObject({ relation: 'diverged', lacks: 0 })

  git(team.clone, 'merge', '-q', '--no-ff', '-m', 'merge', second)
  expect(await compare(pushed(), second)).toMatchObject({ relation: 'ahead', lacks: 0 })
  expect(git(team.mirror.paths.mirror, 'count-objects'), 'nothing is left of the tries').toMatch(/^0 objects/)
})

test('what is taken back, what conflicts and what has nothing in common is lacking', async () => {
  cut('reverted')
  team.push('reverted', { b: '1' })
  git(team.clone, 'revert', '--no-edit', 'HEAD')
  git(team.clone, 'push', '-q', 'origin', 'reverted')
  const reverted = git(team.clone, 'rev-parse', 'reverted')
  cut('conflict')
  const conflict = team.push('conflict', { a: 'theirs' })
  git(team.clone, 'checkout', '-q', '--orphan', 'orphan')
  const orphan = team.push('orphan', { a: '1' })
  const develop = team.push('develop', { a: 'ours' })
  expect(await compare(develop, reverted)).toMatchObject({ lacks: 2 })
  expect(await compare(develop, conflict)).toMatchObject({ lacks: 1 })
  expect(await compare(base, orphan)).toMatchObject({ relation: 'diverged', lacks: 1 })
})
