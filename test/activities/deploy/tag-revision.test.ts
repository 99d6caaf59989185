import { afterEach, beforeEach, expect, test } from 'vitest'
import { revisionOfTag } from '../../../activities/deploy/tag-revision.ts'
import { listRemote } from '../../../activities/git/list-refs.ts'
import { ARTICLE_BRANCHES } from '../../../domain/ref-rules.ts'
import { createTeam, git, type Team } from '../git/support.ts'

let team: Team
beforeEach(() => void (team = createTeam()))
afterEach(() => team.end())

async function revisionOf(tag: string) {
  const { signal } = team.attempt
  return revisionOfTag(tag, { mirror: team.mirror, listing: await listRemote(team.mirror, signal), names: ARTICLE_BRANCHES, signal })
}

test('a git tag names its commit, an annotated one too', async () => {
  const revision = team.push('develop', { a: '1' })
  git(team.clone, 'tag', '-a', '-m', 'first', 'v1.0.0')
  git(team.clone, 'push', '--quiet', 'origin', 'v1.0.0')
  team.push('develop', { a: '2' })
  expect(await revisionOf('v1.0.0')).toBe(revision)
})

test('a branch and eight digits name the commit, also when the branch went on', async () => {
  const revision = team.push('develop', { a: '1' })
  team.push('develop', { a: '2' })
  expect(await revisionOf(`develop.${revision.slice(0, 8)}`)).toBe(revision)
})

test('a branch that was released and deleted is found by its tag', async () => {
  team.push('develop', { a: '1' })
  const revision = team.push('release-1.0.0', { a: '2' })
  git(team.clone, 'tag', 'v1.0.0')
  git(team.clone, 'push', '--quiet', 'origin', 'v1.0.0', ':release-1.0.0')
  expect(await revisionOf(`release-1.0.0.${revision.slice(0, 8)}`)).toBe(revision)
})

test('a slash of the branch is a dash in the image tag', async () => {
  team.push('develop', { a: '1' })
  const revision = team.push('team/one', { a: '2' })
  expect(await revisionOf(`team-one.${revision.slice(0, 8)}`)).toBe(revision)
})

test.each([
  ['latest', 'the remote has no such git tag'],
  ['develop.00000000', 'begins with 00000000'],
  ['--upload-pack=x.00000000', 'begins with 00000000'],
])('%s is no revision, and the sentence says what was looked for', async (tag, words) => {
  team.push('develop', { a: '1' })
  await expect(revisionOf(tag)).rejects.toMatchObject({ type: 'NotFound', nonRetryable: true, message: expect.stringContaining(words) })
})
