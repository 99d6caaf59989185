import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { Forge } from '../../../activities/forge/forge.ts'
import { createGitea } from '../../../activities/forge/gitea.ts'
import { createGitlab } from '../../../activities/forge/gitlab.ts'
import { fake, type Fake } from '../registry/fake.ts'
import { signal } from './contract.ts'
import { commit } from './fake-gitlab.ts'

const TOKEN = 'canary-91c4'
const repo = { full_name: 'eap/website' }
const wanted = { source: 'merge-back/v1', target: 'develop', title: 't', body: 'b' }

type Answer = Record<string, unknown>
type Kind = { make: (url: string) => Forge; one: (changed?: Answer) => Answer; other: Answer }

/** What one forge answers about merge request 1, and the same of another repository. */
const kinds: Record<string, Kind> = {
  Gitea: {
    make: (url) => createGitea({ url, repository: 'eap/website', token: { env: 'X' } }, TOKEN),
    one: (changed) => ({
      number: 1,
      state: 'open',
      merged: false,
      merge_commit_sha: null,
      base: { ref: 'develop', repo },
      head: { ref: 'merge-back/v1', repo },
      ...changed,
    }),
    other: { base: { ref: 'develop', repo: { full_name: 'eap/other' } } },
  },
  GitLab: {
    make: (url) => createGitlab({ url, project: 'eap/website', token: { env: 'X' } }, TOKEN),
    one: (changed) => ({
      iid: 1,
      state: 'opened',
      source_branch: 'merge-back/v1',
      target_branch: 'develop',
      source_project_id: 7,
      target_project_id: 7,
      references: { full: 'eap/website!1' },
      sha: commit('x'),
      ...changed,
    }),
    other: { references: { full: 'eap/other!1' } },
  },
}

const open: Fake[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => await each.close()))
})

async function server(answer: RequestListener): Promise<Fake> {
  const started = await fake(answer)
  open.push(started)
  return started
}

const json =
  (body: unknown, status = 200): RequestListener =>
  (_, to) =>
    to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

describe.each(Object.entries(kinds))('%s', (name, { make, one, other }) => {
  const forgeAt = async (answer: RequestListener) => make(`http://${(await server(answer)).address}`)
  const failureOf = async (answer: RequestListener) => await failed((await forgeAt(answer)).readMergeRequest(1, signal))

  test.each([500, 502, 503, 504, 429])('%i is a matter of time', async (status) => {
    const failure = await failureOf((_, to) => to.writeHead(status, { 'retry-after': '7' }).end(`upstream ${TOKEN}`))
    expect(failure).toMatchObject({ nonRetryable: false, message: expect.stringContaining(`answered ${status}, asked to read`) })
    expect(failure.message).toContain('asks to wait 7 s')
  })

  test.each([
    [401, 'Refused', 'does not know the token'],
    [403, 'Refused', 'needs the scope'],
    [404, 'NotFound', 'has nothing there'],
    [422, 'Conflict', 'refused to'],
  ])('%i is %s, with what to do', async (status, type, words) => {
    const failure = await failureOf(json({ message: `no, ${TOKEN}, \u202enot \u0007 you` }, status))
    expect(failure).toMatchObject({ type, nonRetryable: true, message: expect.stringContaining(words) })
    expect(failure.message).toContain('It said: no, …, not you')
  })

  test('what is not JSON, or of another shape, is not used', async () => {
    for (const text of ['<html>sign in</html>', '', '{"number":1', '[]', 'null', '"x"'])
      expect(await failureOf((_, to) => to.writeHead(200, { 'content-type': 'text/html' }).end(text))).toMatchObject({
        nonRetryable: false,
      })
    expect(await failureOf(json(one({ state: 'superposed' })))).toMatchObject({ nonRetryable: false })
    const merged = name === 'Gitea' ? { state: 'closed', merged: true } : { state: 'merged' }
    expect(await failureOf(json(one({ ...merged, merge_commit_sha: '$(reboot)' })))).toMatchObject({ nonRetryable: false })
  })

  test('more than a megabyte is not read', async () => {
    let written = 0
    const failure = await failureOf((_, to) => {
      to.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void => {
        while (written < 1e9 && to.write(' '.repeat(65_536))) written += 65_536
        to.once('drain', more)
      }
      more()
    })
    expect(failure).toMatchObject({ nonRetryable: false, message: expect.stringContaining('more than 1 MB') })
    expect(written).toBeLessThan(50e6)
  })

  test('a redirect is not followed, and the token goes nowhere else', async () => {
    const elsewhere = await server(json(one()))
    for (const status of [301, 302, 307, 308]) {
      const failure = await failureOf((_, to) => to.writeHead(status, { location: `http://${elsewhere.address}/${TOKEN}` }).end())
      expect(failure).toMatchObject({ type: 'InvalidConfiguration', message: expect.stringContaining(elsewhere.address) })
    }
    expect(elsewhere.seen).toEqual([])
  })

  test('data of another repository, number or pair of branches is a conflict', async () => {
    expect(await failureOf(json(one(other)))).toMatchObject({ type: 'Conflict', nonRetryable: true })
    const number = name === 'Gitea' ? { number: 2 } : { iid: 2, references: { full: 'eap/website!2' } }
    expect(await failureOf(json(one(number)))).toMatchObject({
      type: 'Conflict',
      message: expect.stringContaining('Nothing of it was used'),
    })
    const pair = name === 'Gitea' ? { base: { ref: 'master', repo } } : { target_branch: 'master' }
    const made = await forgeAt((from, to) => json(from.method === 'GET' ? [] : one(pair))(from, to))
    expect(await failed(made.openMergeRequest(wanted, signal))).toMatchObject({ type: 'Conflict' })
    const listing = await forgeAt((from, to) => json(from.method === 'GET' ? [one(other)] : one())(from, to))
    expect(await failed(listing.openMergeRequest(wanted, signal))).toMatchObject({ type: 'Conflict' })
  })

  test('a branch of the same name in a fork is not taken for ours', async () => {
    const fork = name === 'Gitea' ? { head: { ref: 'merge-back/v1', repo: { full_name: 'eve/website' } } } : { source_project_id: 8 }
    const ours = name === 'Gitea' ? { number: 2 } : { iid: 2, references: { full: 'eap/website!2' } }
    let pages = 0
    const forge = await forgeAt((from, to) => json(from.method === 'GET' ? (pages++ === 0 ? [one(fork)] : []) : one(ours))(from, to))
    expect((await forge.openMergeRequest(wanted, signal)).number).toBe(2)
  })

  test('one that is away is a matter of time', async () => {
    const gone = await fake(json({}))
    await gone.close()
    const failure = await failed(make(`http://${gone.address}`).readMergeRequest(1, signal))
    expect(failure).toMatchObject({ nonRetryable: false, message: expect.stringContaining('is not reachable: ECONNREFUSED') })
  })

  test('one that says nothing for ten seconds is a matter of time; a cancelled question ends at once', async () => {
    const forge = await forgeAt(() => {})
    const cancelled = new AbortController()
    const asked = forge.readMergeRequest(1, cancelled.signal)
    setTimeout(() => cancelled.abort(new Error('cancelled by a test')), 30)
    await expect(asked).rejects.toThrow('cancelled by a test')
    const slow = await failed(forge.readMergeRequest(1, signal))
    expect(slow).toMatchObject({ nonRetryable: false, message: expect.stringContaining('no whole answer within 10 s') })
  })
})

/** Whatever fails, its message and all that hangs on it say nothing of the token. */
async function failed(asked: Promise<unknown>): Promise<Error & { type?: string; nonRetryable?: boolean }> {
  const failure = await asked.then(
    (value) => new Error(`answered with ${JSON.stringify(value)}`),
    (error: Error) => error,
  )
  for (let each: unknown = failure; each instanceof Error; each = each.cause)
    expect(`${each.message} ${each.stack} ${JSON.stringify(each)}`).not.toContain(TOKEN)
  return failure
}
