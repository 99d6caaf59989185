import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fromForgejo, fromGitea, fromGithub, fromGitlab, fromSigningGitlab, PUSH, standard, SECRETS, type Sent } from './signed.ts'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())
beforeEach(async () => {
  await stand.settled()
  stand.hinted.length = 0
})

const PULL = JSON.stringify({ action: 'closed', pull_request: { number: 7 } })
const MERGE = JSON.stringify({ object_kind: 'merge_request', object_attributes: { iid: 7, state: 'merged' } })

const HINTS: readonly (readonly [name: string, path: string, sent: Sent])[] = [
  ['a push from GitHub', '/hooks/website/github', fromGithub('push')],
  ['a tag from GitHub', '/hooks/website/github', fromGithub('create', JSON.stringify({ ref: 'v1.0.0', ref_type: 'tag' }))],
  ['a merged pull request from GitHub', '/hooks/website/github', fromGithub('pull_request', PULL)],
  ['a push from Gitea', '/hooks/website/gitea', fromGitea('push')],
  ['a deleted branch from Gitea', '/hooks/website/gitea', fromGitea('delete', JSON.stringify({ ref: 'old', ref_type: 'branch' }))],
  ['a push from Forgejo', '/hooks/website/gitea', fromForgejo('push')],
  ['a push from GitLab by its token', '/hooks/website/gitlab', fromGitlab('Push Hook')],
  ['a tag from GitLab by its token', '/hooks/website/gitlab', fromGitlab('Tag Push Hook')],
  ['a merge request from GitLab', '/hooks/website/gitlab', fromGitlab('Merge Request Hook', MERGE)],
  ['a push that GitLab signed', '/hooks/signing/gitlab', fromSigningGitlab('Push Hook')],
  ['a plain hint', '/hooks/website/plain', standard('{}')],
]

test.each(HINTS)('%s is a hint', async (_name, path, sent) => {
  const answer = await stand.send(path, sent)
  expect([answer.status, await answer.json()]).toEqual([202, { hinted: true }])
  expect(await stand.settled()).toEqual([path.split('/')[2]])
})

const NOTHING: readonly (readonly [name: string, path: string, sent: Sent])[] = [
  ['a ping of GitHub', '/hooks/website/github', fromGithub('ping', '{"zen":"…"}')],
  ['a star of Gitea', '/hooks/website/gitea', fromGitea('star', '{}')],
  ['an issue of GitLab', '/hooks/website/gitlab', fromGitlab('Issue Hook', '{}')],
  ['an event that nobody knows yet', '/hooks/website/github', fromGithub('constructor', 'not even JSON')],
]

test.each(NOTHING)('%s is answered well and is no hint', async (_name, path, sent) => {
  const answer = await stand.send(path, sent)
  expect([answer.status, await answer.json()]).toEqual([200, { hinted: false }])
  expect(await stand.settled()).toEqual([])
})

const FORGED: readonly (readonly [name: string, path: string, sent: Sent])[] = [
  ['GitHub, another secret', '/hooks/website/github', fromGithub('push', PUSH, 'another-secret-of-somebody')],
  ['GitHub, another body', '/hooks/website/github', { ...fromGithub('push'), body: `${PUSH} ` }],
  ['GitHub, without a signature', '/hooks/website/github', without(fromGithub('push'), 'x-hub-signature-256')],
  ['GitHub, a truncated signature', '/hooks/website/github', changed(fromGithub('push'), 'x-hub-signature-256', (all) => all.slice(0, -1))],
  ['GitHub, the prefix alone', '/hooks/website/github', changed(fromGithub('push'), 'x-hub-signature-256', () => 'sha256=')],
  [
    'GitHub, a weaker algorithm',
    '/hooks/website/github',
    changed(fromGithub('push'), 'x-hub-signature-256', (all) => all.replace('256', '1')),
  ],
  ['Gitea, another secret', '/hooks/website/gitea', fromGitea('push', PUSH, 'another-secret-of-somebody')],
  ['Gitea, signed for GitHub', '/hooks/website/gitea', fromGithub('push', PUSH, SECRETS.gitea)],
  ['GitLab, another token', '/hooks/website/gitlab', fromGitlab('Push Hook', PUSH, `${SECRETS.token}.`)],
  ['GitLab, the beginning of the token', '/hooks/website/gitlab', fromGitlab('Push Hook', PUSH, SECRETS.token.slice(0, -1))],
  ['GitLab, an empty token', '/hooks/website/gitlab', fromGitlab('Push Hook', PUSH, '')],
  ['GitLab, a token where a signature is asked for', '/hooks/signing/gitlab', fromGitlab('Push Hook', PUSH, SECRETS.signing)],
  ['GitLab, signed long ago', '/hooks/signing/gitlab', fromSigningGitlab('Push Hook', { at: minutesAgo(6) })],
  ['GitLab, signed ahead of its time', '/hooks/signing/gitlab', fromSigningGitlab('Push Hook', { at: minutesAgo(-6) })],
  ['a plain hint, under another id', '/hooks/website/plain', changed(standard('{}'), 'webhook-id', () => 'msg_2')],
  ['a plain hint, at another time', '/hooks/website/plain', changed(standard('{}'), 'webhook-timestamp', (all) => `${Number(all) + 1}`)],
  ['a plain hint, with no time', '/hooks/website/plain', changed(standard('{}'), 'webhook-timestamp', () => 'now')],
  [
    'a plain hint, another version',
    '/hooks/website/plain',
    changed(standard('{}'), 'webhook-signature', (all) => all.replace('v1,', 'v1a,')),
  ],
  ['a plain hint, a truncated signature', '/hooks/website/plain', changed(standard('{}'), 'webhook-signature', (all) => all.slice(0, 20))],
  ['a plain hint, with the key of another door', '/hooks/website/plain', standard('{}', { key: SECRETS.signing })],
]

test.each(FORGED)('%s: 401, and nothing is hinted', async (_name, path, sent) => {
  expect((await stand.send(path, sent)).status).toBe(401)
  expect(await stand.settled()).toEqual([])
})

test('one signature of several is enough, as while a key is being replaced', async () => {
  const sent = changed(standard('{}'), 'webhook-signature', (all) => `v1,AAAA ${all}`)
  expect((await stand.send('/hooks/website/plain', sent)).status).toBe(202)
})

test.each([
  '/hooks/nobody/github',
  '/hooks/closed/github',
  '/hooks/signing/plain',
  '/hooks/website/svn',
  '/hooks/constructor/github',
  '/hooks/website/constructor',
  '/hooks/__proto__/toString',
  '/hooks/..%2fwebsite/github',
  `/hooks/${'a'.repeat(60)}/github`,
  '/hooks/website',
  '/',
])('%s: 404', async (path) => {
  expect((await stand.send(path, fromGithub('push'))).status).toBe(404)
})

test('a body that is not what its event looks like: 400', async () => {
  for (const body of ['[]', 'null', '{"ref":1}', '{"ref":""}', '{', '{"ref":"a"}}', `{"ref":${JSON.stringify('x'.repeat(5000))}}`, ''])
    expect((await stand.send('/hooks/website/github', fromGithub('push', body))).status).toBe(400)
  expect(await stand.settled()).toEqual([])
})

test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense'])(
  '%s: 415',
  async (type) => {
    expect(
      (
        await stand.send(
          '/hooks/website/github',
          changed(fromGithub('push'), 'content-type', () => type),
        )
      ).status,
    ).toBe(415)
  },
)

test('the same delivery many times over, and in any order, is a few hints and no more', async () => {
  const all = [fromGithub('push'), fromGithub('create'), fromGithub('push')]
  let arrive: () => void = () => undefined
  const held = new Promise<void>((resolve) => (arrive = resolve))
  const slow = await openStand({ hint: () => held })
  try {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => slow.send('/hooks/website/github', all[at % 3] ?? fromGithub('push'))),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    arrive()
    // One that was on its way, and one behind it.
    expect(await slow.settled()).toEqual(['website', 'website'])
  } finally {
    await slow.close()
  }
})

test('a secret that cannot be one, or is not there, is said at the start; nothing is believed, and no forge switches its webhook off', async () => {
  expect((await stand.send('/hooks/signing/github', fromGithub('push', PUSH, 'short'))).status).toBe(200)
  expect((await stand.send('/hooks/signing/gitea', fromGitea('push'))).status).toBe(200)
  expect(await stand.settled()).toEqual([])
  expect(stand.logged.filter((line) => line.includes('unready')).join()).toMatch(/"github".*"gitea"/)
  expect(stand.logged.filter((line) => line.includes('until this is mended')).join()).toMatch(/SHORT.*at least 16.*MISSING.*not set/)
  expect(stand.logged.join()).not.toContain('"short"')
})

test('says nothing of itself, and sets no cookie', async () => {
  const answer = await stand.send('/hooks/website/github', fromGithub('push'))
  expect([...answer.headers.keys()].toSorted()).toEqual(['connection', 'content-length', 'content-type', 'date', 'keep-alive'])
})

function changed(sent: Sent, header: string, change: (value: string) => string): Sent {
  return { ...sent, headers: { ...sent.headers, [header]: change(sent.headers[header] ?? '') } }
}

function without({ headers, body }: Sent, header: string): Sent {
  return { body, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header)) }
}

function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000)
}
