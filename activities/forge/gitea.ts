import { z } from 'zod'
import { parseRevision } from '../../domain/revision.ts'
import type { ForgeEstate } from '../../config/estate-schema.ts'
import type { MergeRequestRef, MergeRequestState } from '../contract.ts'
import { permanent } from '../failure.ts'
import { createAskForge, shaped, type AskForge } from './ask.ts'
import type { Forge, NewMergeRequest } from './forge.ts'
import { publishGiteaRelease } from './gitea-release.ts'
import { showGiteaStatus } from './gitea-status.ts'
import { checkedRelease, checkedRequest } from './texts.ts'

type GiteaEstate = Extract<ForgeEstate, { gitea: unknown }>['gitea']

const revision = z.string().refine((text) => parseRevision(text).ok)
const branch = z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullable() })
const pullRequest = z.object({
  number: z.int().positive(),
  state: z.enum(['open', 'closed']),
  merged: z.boolean(),
  merge_commit_sha: revision.nullish(),
  base: branch,
  head: branch,
})
type PullRequest = z.output<typeof pullRequest>

const RIGHT = 'the scope write:repository'
const PAGE = 20
const MOST_PAGES = 25

/** Gitea's pull requests, by its REST API. */
export function createGitea(estate: GiteaEstate, token: string): Forge {
  const { url, repository } = estate
  const name = `the forge ${url} (${repository})`
  const ask = createAskForge({ name, right: RIGHT, token, base: `${url}/api/v1`, login: { authorization: `token ${token}` } })
  const place: Place = { name, repository, ask, pulls: `repos/${repository}/pulls` }
  const shownAt = (number: number) => `${url}/${repository}/pulls/${number}`
  const shown = ({ number }: PullRequest): MergeRequestRef => ({ number, url: shownAt(number) })
  return {
    name,
    openMergeRequest: async (input, signal) => {
      const wanted = checkedRequest(input)
      const open = (await findOpen(place, wanted, signal)) ?? (await create(place, wanted, signal))
      return shown(open)
    },
    publishRelease: async (wanted, signal) => publishGiteaRelease({ ...place, url }, checkedRelease(wanted), signal),
    requestUrl: shownAt,
    readMergeRequest: async (number, signal) => stateOf(await read(place, number, signal)),
    showStatus: (status, signal) => showGiteaStatus(place, status, signal),
    check: (develop, signal) => check(place, develop, signal),
  }
}

type Place = { readonly name: string; readonly repository: string; readonly ask: AskForge; readonly pulls: string }

/** By its list: a look-up by the two branches would also find one that was closed long ago. */
async function findOpen(place: Place, { source, target }: NewMergeRequest, signal: AbortSignal): Promise<PullRequest | undefined> {
  const what = `list the open pull requests into ${target}`
  const found: PullRequest[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = { state: 'open', base_branch: target, limit: String(PAGE), page: String(page) }
    const { json } = await place.ask({ method: 'GET', path: place.pulls, query, what, signal })
    const listed = shaped(z.array(pullRequest), json, place.name, what)
    for (const each of listed) ofThisRepository(place, each)
    found.push(...listed.filter((each) => each.state === 'open' && each.base.ref === target && isFrom(place, source, each)))
    if (listed.length === 0) break
  }
  return found.toSorted((a, b) => a.number - b.number)[0]
}

async function create(place: Place, wanted: NewMergeRequest, signal: AbortSignal): Promise<PullRequest> {
  const { source, target, title, body } = wanted
  const what = `open a pull request from ${source} into ${target}`
  const sent = { head: source, base: target, title, body }
  const { status, json } = await place.ask({ method: 'POST', path: place.pulls, body: sent, what, expect: [409], signal })
  if (status === 409) {
    // Somebody was faster, an earlier attempt of ours perhaps.
    const found = await findOpen(place, wanted, signal)
    if (found) return found
    throw permanent(
      'Conflict',
      `${place.name} says that a pull request from ${source} into ${target} is there, and lists none. Look there.`,
    )
  }
  const made = ofThisRepository(place, shaped(pullRequest, json, place.name, what))
  if (made.base.ref === target && isFrom(place, source, made)) return await theFirst(place, made, wanted, signal)
  throw permanent('Conflict', `${place.name} answered with a pull request between other branches than ${source} and ${target}. Look there.`)
}

/** Gitea takes two that arrive at once, as of an attempt that was given up and of the next: the later one is taken back. */
async function theFirst(place: Place, made: PullRequest, wanted: NewMergeRequest, signal: AbortSignal): Promise<PullRequest> {
  const first = await findOpen(place, wanted, signal)
  if (first === undefined || first.number >= made.number) return made
  const what = `close pull request ${made.number}, which doubles ${first.number}`
  await place.ask({ method: 'PATCH', path: `${place.pulls}/${made.number}`, body: { state: 'closed' }, what, signal })
  return first
}

async function read(place: Place, number: number, signal: AbortSignal): Promise<PullRequest> {
  const what = `read pull request ${number}`
  const { json } = await place.ask({ method: 'GET', path: `${place.pulls}/${number}`, what, signal })
  const found = ofThisRepository(place, shaped(pullRequest, json, place.name, what))
  if (found.number === number) return found
  throw permanent('Conflict', `${place.name} answered with pull request ${found.number}, asked to ${what}. Nothing of it was used.`)
}

function stateOf({ state, merged, merge_commit_sha: commit }: PullRequest): MergeRequestState {
  if (merged) return { state: 'merged', mergedAs: commit ?? null }
  return { state, mergedAs: null }
}

function ofThisRepository(place: Place, found: PullRequest): PullRequest {
  const name = found.base.repo?.full_name ?? ''
  if (name.toLowerCase() === place.repository.toLowerCase()) return found
  throw permanent(
    'Conflict',
    `${place.name} answered with a pull request of another repository. Nothing of it was used. Check forge in estate.yaml.`,
  )
}

/** A branch of the same name in a fork is another branch. */
function isFrom({ repository }: Place, source: string, { head }: PullRequest): boolean {
  return head.ref === source && head.repo?.full_name.toLowerCase() === repository.toLowerCase()
}

/** A pull request of a branch into itself is never made, but only refused for that reason to one who might make another. */
async function check(place: Place, branch: string, signal: AbortSignal): Promise<string> {
  const path = `repos/${place.repository}`
  const { json } = await place.ask({ method: 'GET', path, what: 'read the repository', signal })
  const facts = shaped(z.object({ full_name: z.string(), archived: z.boolean() }), json, place.name, 'read the repository')
  if (facts.full_name.toLowerCase() !== place.repository.toLowerCase())
    throw permanent('Conflict', `${place.name} answered for another repository.`)
  if (facts.archived) throw permanent('Refused', `${place.name} is archived: no pull request can be opened there.`)
  const body = { head: branch, base: branch, title: 'a check that opens nothing', body: '' }
  const { status } = await place.ask({ method: 'POST', path: place.pulls, body, what: 'open pull requests', expect: [422], signal })
  if (status === 422) return 'answers, and the token may open pull requests'
  throw permanent('Conflict', `${place.name} opened a pull request from ${branch} into itself, which Gitea does not do. Close it there.`)
}
