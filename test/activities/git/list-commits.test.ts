import { afterEach, beforeEach, expect, test } from 'vitest'
import { listCommits } from '../../../activities/git/list-commits.ts'
import { createTeam, git, type Team } from './support.ts'

let team: Team
beforeEach(() => {
  team = createTeam()
})
afterEach(() => {
  team.mirror.close()
  team.end()
})

const list = (from: string, to: string) => listCommits({ project: 'website', from, to }, team.mirror, team.attempt.signal)

test('what one has and the other has not, the newest first, with clean subjects', async () => {
  const from = team.push('release-1.0.0', { base: '1' })
  expect(await list(from, from)).toEqual({ commits: [], total: 0 })
  team.push('release-1.0.0', { base: '2' })
  git(team.clone, 'commit', '-q', '--allow-empty', '-m', 'a \u001b[31mred\u202e subject')
  const to = git(team.clone, 'rev-parse', 'HEAD').trim()
  git(team.clone, 'push', '-q', 'origin', 'release-1.0.0')
  const { commits, total } = await list(from, to)
  expect(total).toBe(2)
  expect(commits.map(({ revision }) => revision)[0]).toBe(to)
  expect(commits[0]!.subject).not.toMatch(/\p{C}/u)
  expect(await list(to, from)).toEqual({ commits: [], total: 0 })
})

test('of very many only the newest are named', async () => {
  const from = team.push('develop', { base: '1' })
  for (let n = 0; n < 25; n++) git(team.clone, 'commit', '-q', '--allow-empty', '-m', `commit ${n}`)
  git(team.clone, 'push', '-q', 'origin', 'develop')
  const { commits, total } = await list(from, git(team.clone, 'rev-parse', 'HEAD').trim())
  expect([commits.length, total, commits[0]!.subject]).toEqual([20, 25, 'commit 24'])
})
