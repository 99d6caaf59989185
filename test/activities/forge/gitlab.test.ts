import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGitlab } from '../../../activities/forge/gitlab.ts'
import { keepsTheContract, signal, type World } from './contract.ts'
import { commit, fakeGitlab, type FakeGitlab } from './fake-gitlab.ts'

let gitlab: FakeGitlab
beforeAll(async () => {
  gitlab = await fakeGitlab()
})
afterAll(async () => await gitlab.close())

const url = () => `http://${gitlab.address}`
const forgeWith = (given: { token?: string; repository?: string } = {}) =>
  createGitlab({ url: url(), project: given.repository ?? gitlab.project, token: { env: 'X' } }, given.token ?? gitlab.token)

const world: World = {
  forge: forgeWith,
  push: async (branch) => void gitlab.branches.set(branch, [commit(branch)]),
  merge: async (number) => gitlab.merge(number),
  close: async (number) => void (gitlab.requests[number - 1]!.state = 'closed'),
  openFrom: async (branch) => gitlab.requests.filter(({ source, state }) => source === branch && state === 'opened').length,
  has: async (target, sha) => gitlab.branches.get(target)?.includes(sha) ?? false,
  tag: async () => undefined,
  releaseOf: async (tag) => gitlab.releases.get(tag) ?? null,
  page: (number) => `${url()}/${gitlab.project}/-/merge_requests/${number}`,
}

describe('GitLab', () => {
  keepsTheContract(() => world)

  test('one that is being merged is open still', async () => {
    await world.push('merge-back/locked')
    const { number } = await forgeWith().openMergeRequest({ source: 'merge-back/locked', target: 'develop', title: 't', body: '' }, signal)
    gitlab.requests[number - 1]!.state = 'locked'
    expect(await forgeWith().readMergeRequest(number, signal)).toEqual({ state: 'open', mergedAs: null })
  })

  test('a fast-forward is named by the branch’s own tip', async () => {
    await world.push('merge-back/ff')
    const { number } = await forgeWith().openMergeRequest({ source: 'merge-back/ff', target: 'develop', title: 't', body: '' }, signal)
    gitlab.requests[number - 1]!.state = 'merged'
    expect(await forgeWith().readMergeRequest(number, signal)).toEqual({ state: 'merged', mergedAs: commit('merge-back/ff') })
  })

  test('what GitLab refuses it says in its own words', async () => {
    const input = { source: 'merge-back/unpushed', target: 'develop', title: 't', body: '' }
    await expect(forgeWith().openMergeRequest(input, signal)).rejects.toMatchObject({
      type: 'Conflict',
      message: expect.stringContaining('Source branch does not exist'),
    })
  })

  test('the check names a role and scopes that do not do', async () => {
    gitlab.scopes = ['read_api', 'read_repository']
    await expect(forgeWith().check('develop', signal)).rejects.toMatchObject({
      type: 'Refused',
      message: expect.stringContaining('needs api'),
    })
    gitlab.scopes = ['api']
    gitlab.role = 20
    await expect(forgeWith().check('develop', signal)).rejects.toMatchObject({ message: expect.stringContaining('Developer') })
    gitlab.role = 30
  })

  test('the token is in a header and nowhere else', async () => {
    await forgeWith().check('develop', signal)
    expect(gitlab.seen.filter(({ url: path }) => path.includes('canary'))).toEqual([])
  })
})
