import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authorsAfter, taggerIn, taggerOf } from '../../../activities/git/authors.ts'
import { tagContent } from '../../../activities/git/create-ref.ts'
import { createTeam, git, type Team } from './support.ts'

let team: Team
beforeAll(() => {
  team = createTeam()
})
afterAll(() => team.end())

function commit(author: string, message: string): string {
  git(team.clone, 'commit', '--quiet', '--allow-empty', `--author=${author}`, '-m', message)
  return git(team.clone, 'rev-parse', 'HEAD')
}

const { signal } = new AbortController()

test('authors and co-authors since what runs, each once, the newest first; who only merges wrote nothing', async () => {
  const start = team.push('develop', { a: '1' })
  commit('Anne <Anne@Example.org>', 'one')
  commit('Bob <bob@example.org>', 'two\n\nCo-authored-by: Carol <carol@example.org>\nCo-authored-by: Anne <anne@example.org>')
  git(team.clone, 'checkout', '--quiet', '-b', 'side', start)
  commit('Dan <dan@example.org>', 'three')
  git(team.clone, 'checkout', '--quiet', 'develop')
  execFileSync('git', [
    '-C',
    team.clone,
    '-c',
    'user.name=M',
    '-c',
    'user.email=merger@example.org',
    'merge',
    '--quiet',
    '--no-ff',
    '-m',
    'merge',
    'side',
  ])
  git(team.clone, 'push', '--quiet', 'origin', 'develop')
  const tip = git(team.clone, 'rev-parse', 'HEAD')
  expect((await authorsAfter(start, tip, team.mirror, signal)).toSorted()).toEqual([
    'anne@example.org',
    'bob@example.org',
    'carol@example.org',
    'dan@example.org',
  ])
  expect(await authorsAfter(null, tip, team.mirror, signal)).toContain('dev@example.org')
  expect(await authorsAfter(tip, tip, team.mirror, signal)).toEqual([])
})

test('the tagger of an annotated tag of this revision, and of nothing else', async () => {
  const revision = team.push('release-1.0.0', { b: '1' })
  git(team.clone, 'tag', '-a', '-m', 'by hand', 'v1.0.0', revision)
  git(team.clone, 'tag', 'v1.0.1', revision)
  git(team.clone, 'push', '--quiet', 'origin', 'v1.0.0', 'v1.0.1')
  expect(await taggerOf('v1.0.0', revision, team.mirror, signal)).toBe('dev@example.org')
  expect(await taggerOf('v1.0.1', revision, team.mirror, signal)).toBeNull()
  expect(await taggerOf('v9.9.9', revision, team.mirror, signal)).toBeNull()
  expect(await taggerOf('v1.0.0', 'a'.repeat(40), team.mirror, signal)).toBeNull()
  expect(await taggerOf('--upload-pack=x', revision, team.mirror, signal)).toBeNull()
})

test.each([true, false])('a tag that Slipway made is of who asked for it (verified: %s)', (verified) => {
  const by = { kind: 'person', name: 'anne', verified } as const
  const content = tagContent({ project: 'shop', name: 'v1.0.0', revision: 'a'.repeat(40), by, message: 'v1.0.0' }, 0)
  expect(taggerIn(content)).toBe('anne')
})

test('what the message of a tag made by hand says of its tagger counts for nothing', () => {
  const header = `object ${'a'.repeat(40)}\ntype commit\ntag v1\ntagger Eve <Eve@example.org> 1 +0000\n\n`
  expect(taggerIn(`${header}tagger Anne <anne@example.org> 1 +0000\nRequested by anne through Slipway.\n`)).toBe('eve@example.org')
  expect(taggerIn(`object x\ntype commit\ntag v1\n\ntagger Anne <anne@example.org> 1 +0000\n`)).toBeNull()
})
