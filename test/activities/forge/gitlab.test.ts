import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CommitStatus } from '../../../activities/forge/forge.ts'
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

  test('shows statuses, and records deployments, each once however often it is told', async () => {
    const revision = commit('released')
    const at = Date.now()
    const show = (state: CommitStatus['state'], environment: string | null, tag = 'v1.0.0') =>
      forgeWith().showStatus(
        {
          revision,
          context: `slipway/${environment ?? 'build'}`,
          state,
          description: `it is ${state} ${'and on '.repeat(50)}`,
          deployment: environment === null ? null : { environment, tag, at },
        },
        signal,
      )
    await show('running', null)
    await show('running', null)
    await show('success', null)
    await show('pending', 'prod')
    await show('pending', 'prod')
    await show('success', 'prod')
    await show('success', 'prod')
    await show('failed', 'alpha', 'release-1.0.0.1a2b3c4d')
    const newest = Object.fromEntries(gitlab.statuses.map(({ name, status }) => [name, status]))
    expect(newest).toEqual({ 'slipway/build': 'success', 'slipway/prod': 'success', 'slipway/alpha': 'failed' })
    expect(gitlab.statuses.every(({ sha, description }) => sha === revision && description.length <= 140)).toBe(true)
    expect(gitlab.deployments.map(({ environment, sha, ref, tag, status }) => ({ environment, sha, ref, tag, status }))).toEqual([
      { environment: 'prod', sha: revision, ref: 'v1.0.0', tag: true, status: 'success' },
      { environment: 'alpha', sha: revision, ref: 'release-1.0.0', tag: false, status: 'failed' },
    ])
  })

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
