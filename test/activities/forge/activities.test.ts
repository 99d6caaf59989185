import { afterAll, beforeAll, expect, test } from 'vitest'
import { createForgeActivities } from '../../../activities/forge/activities.ts'
import { checkForge } from '../../../activities/forge/check.ts'
import { parseConfig } from '../../../config/read.ts'
import { signal } from './contract.ts'
import { commit, fakeGitlab, type FakeGitlab } from './fake-gitlab.ts'

let gitlab: FakeGitlab
beforeAll(async () => {
  gitlab = await fakeGitlab()
  gitlab.branches.set('merge-back/v1', [commit('v1')])
})
afterAll(async () => await gitlab.close())

function worker(forge: string, environment: Record<string, string> = { FORGE_TOKEN: gitlab.token }) {
  const text = `registry: { address: 'registry.example:5000' }\nclusters: { main: { kubeconfig: /k } }\nprojects:\n  shop:\n    repository: { url: /srv/git/shop.git }\n${forge}    environments: { live: { from: tag, target: { kustomize: { cluster: main, namespace: shop } } } }\n`
  const parsed = parseConfig('estate', { text, file: 'estate.yaml' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  const heartbeats: string[] = []
  const deps = {
    estate: { file: parsed.value, hash: '' },
    stateFolder: '/nowhere',
    environment,
    readFile: () => Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
    attempt: () => ({ signal, heartbeat: ({ line }: { line: string }) => void heartbeats.push(line) }),
  }
  return { deps, ...createForgeActivities(deps) }
}

const atGitlab = (token = '{ env: FORGE_TOKEN }') =>
  `    forge: { gitlab: { url: 'http://${gitlab.address}', project: ${gitlab.project}, token: ${token} } }\n`
const wanted = { project: 'shop', source: 'merge-back/v1', target: 'develop', title: 'Merge v1', body: '' }

test('where no forge is configured there is no merge request, and doctor has nothing to say', async () => {
  const { openMergeRequest, readMergeRequest, deps } = worker('')
  expect(await openMergeRequest(wanted)).toBeNull()
  await expect(readMergeRequest({ project: 'shop', number: 3 })).rejects.toMatchObject({ type: 'InvalidConfiguration' })
  expect(await checkForge(deps, 'shop', signal)).toEqual([])
})

test('where one is, it is opened and read', async () => {
  const { openMergeRequest, readMergeRequest, deps } = worker(atGitlab())
  const opened = await openMergeRequest(wanted)
  expect(opened).toEqual({ number: 1, url: `http://${gitlab.address}/eap/web/site/-/merge_requests/1` })
  expect(await readMergeRequest({ project: 'shop', number: 1 })).toEqual({ state: 'open', mergedAs: null })
  expect(await checkForge(deps, 'shop', signal)).toEqual([
    { part: `forge http://${gitlab.address}`, ok: true, detail: 'answers, and the token has the scope api', fix: null },
  ])
})

test('a token that is not there is named by its reference', async () => {
  await expect(worker(atGitlab(), {}).openMergeRequest(wanted)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('"FORGE_TOKEN", which is not set'),
  })
  const { deps } = worker(atGitlab('{ file: /etc/forge-token }'))
  expect(await checkForge(deps, 'shop', signal)).toMatchObject([{ ok: false, detail: expect.stringContaining('"/etc/forge-token"') }])
})

test.each(['two\nlines', 'with blank', 'ä', 'nul\0'])('what cannot be a token is not sent and not repeated: %j', async (token) => {
  const failure = worker(atGitlab(), { FORGE_TOKEN: token }).openMergeRequest(wanted)
  await expect(failure).rejects.toMatchObject({ type: 'InvalidConfiguration', message: expect.stringContaining('FORGE_TOKEN') })
  await expect(failure).rejects.not.toThrow(token)
})

test.each([
  `{ gitea: { url: 'https://user:pass@git.example', repository: a/b, token: { env: T } } }`,
  `{ gitea: { url: 'https://git.example/', repository: a/b, token: { env: T } } }`,
  `{ gitea: { url: 'https://git.example?x', repository: a/b, token: { env: T } } }`,
  `{ gitea: { url: 'file:///etc', repository: a/b, token: { env: T } } }`,
  `{ gitea: { url: 'https://git.example', repository: a/../b, token: { env: T } } }`,
  `{ gitea: { url: 'https://git.example', repository: ../b, token: { env: T } } }`,
  `{ gitea: { url: 'https://git.example', repository: a/b/c, token: { env: T } } }`,
  `{ gitea: { url: 'https://git.example', repository: 'a/b%2f', token: { env: T } } }`,
  `{ gitea: { url: 'https://git.example', repository: a/b, token: plain } }`,
  `{ gitlab: { url: 'https://git.example', project: alone, token: { env: T } } }`,
  `{ gitlab: { url: 'https://git.example', project: a/b, token: { env: T } }, gitea: { url: 'https://git.example', repository: a/b, token: { env: T } } }`,
  `{}`,
])('no forge is %s', (forge) => {
  expect(() => worker(`    forge: ${forge}\n`)).toThrow()
})
