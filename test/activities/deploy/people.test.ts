import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DeployDeps } from '../../../activities/deploy/activities.ts'
import { peopleOf } from '../../../activities/deploy/people.ts'
import { environmentSettings } from '../../../activities/estate.ts'
import { estateSchema } from '../../../config/estate-schema.ts'
import { createTeam, git, type Team } from '../git/support.ts'

let team: Team
beforeAll(() => {
  team = createTeam()
})
afterAll(() => team.end())

function commit(author: string): string {
  git(team.clone, 'commit', '--quiet', '--allow-empty', `--author=${author}`, '-m', 'x')
  return git(team.clone, 'rev-parse', 'HEAD')
}

function people(approval: object, revision: string, replaced: string) {
  const file = estateSchema.parse({
    registry: { address: 'r.example' },
    signers: 'allowed_signers',
    people: { anne: { emails: ['Anne@example.org'] }, dev: { emails: ['dev@example.org'] } },
    projects: {
      shop: {
        repository: { url: '/r.git' },
        environments: { prod: { from: 'tag', approval, target: { script: { host: 'h', command: './cd.sh' } } } },
      },
    },
  })
  const estate = { file, hash: '' }
  const deps = { estate, mirrors: () => team.mirror } as unknown as DeployDeps
  const candidate = { revision, images: [], configHash: '' }
  const input = {
    project: 'shop',
    environment: 'prod',
    requestId: 'v1',
    candidate,
    tag: 'v1.0.0',
    replaces: { epoch: 1, revision: replaced },
  }
  return peopleOf(deps, input, environmentSettings(estate, 'shop', 'prod'), new AbortController().signal)
}

test('people of the estate by their names, the others by their addresses, where it decides who may approve', async () => {
  const before = team.push('release-1.0.0', { a: '1' })
  commit('Anne <anne@example.org>')
  for (let stranger = 0; stranger < 60; stranger++) commit(`S <s${stranger}@example.org>`)
  const tip = git(team.clone, 'rev-parse', 'HEAD')
  git(team.clone, 'tag', '-a', '-m', 'x', 'v1.0.0', tip)
  git(team.clone, 'push', '--quiet', 'origin', 'HEAD:release-1.0.0', 'v1.0.0')
  const { authors, tagger } = await people({ verified: true }, tip, before)
  expect(tagger).toBe('dev')
  // However many others there are, people of the estate are among them.
  expect(authors).toHaveLength(51)
  expect(authors?.slice(0, 2)).toEqual(['anne', 's59@example.org'])
  expect(await people({ verified: true, author: true }, tip, before)).toEqual({ authors: [], tagger: 'dev' })
  expect(await people({}, tip, before)).toEqual({})
  expect(await people({ author: false }, tip, before)).toMatchObject({ tagger: null })
})
