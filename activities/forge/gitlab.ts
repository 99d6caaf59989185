import { ApplicationFailure } from '@temporalio/common'
import type { MergeRequests, PersonalAccessTokens, ProjectReleases, Projects } from '@gitbeaker/rest'
import { z } from 'zod'
import { parseRevision } from '../../domain/revision.ts'
import type { ForgeEstate } from '../../config/estate-schema.ts'
import type { MergeRequestRef, MergeRequestState } from '../contract.ts'
import { permanent } from '../failure.ts'
import { createAskForge, shaped } from './ask.ts'
import type { Forge, NewMergeRequest } from './forge.ts'
import { checkGitlab } from './gitlab-check.ts'
import { createRequester } from './gitlab-requester.ts'
import { publishGitlabRelease } from './gitlab-release.ts'
import { showGitlabStatus } from './gitlab-status.ts'
import { checkedRelease, checkedRequest } from './texts.ts'

type GitlabEstate = Extract<ForgeEstate, { gitlab: unknown }>['gitlab']

const revision = z.string().refine((text) => parseRevision(text).ok)
const mergeRequest = z.object({
  iid: z.int().positive(),
  state: z.enum(['opened', 'closed', 'locked', 'merged']),
  source_branch: z.string(),
  target_branch: z.string(),
  source_project_id: z.int().nullable(),
  target_project_id: z.int(),
  references: z.object({ full: z.string() }),
  merge_commit_sha: revision.nullish(),
  squash_commit_sha: revision.nullish(),
  sha: revision.nullish(),
})
type Found = z.output<typeof mergeRequest>

const RIGHT = 'the scope api and the role Developer'

/** GitLab's merge requests, by @gitbeaker/rest; loaded when it is needed, for that takes a fifth of a second. */
export function createGitlab(estate: GitlabEstate, token: string): Forge {
  const { url, project } = estate
  const name = `the forge ${url} (${project})`
  const ask = createAskForge({ name, right: RIGHT, token, base: `${url}/api/v4`, login: { 'private-token': token } })
  const place: Place = {
    name,
    project,
    client: async (what, signal) => {
      const gitbeaker = await import('@gitbeaker/rest')
      // The token is in `ask`; the library gets none.
      const options = { host: url, token: '', queryTimeout: null, requesterFn: createRequester(ask, what, signal) }
      return {
        requests: new gitbeaker.MergeRequests(options),
        releases: new gitbeaker.ProjectReleases(options),
        projects: new gitbeaker.Projects(options),
        tokens: new gitbeaker.PersonalAccessTokens(options),
      }
    },
  }
  const shownAt = (iid: number) => `${url}/${project}/-/merge_requests/${iid}`
  const shown = ({ iid }: Found): MergeRequestRef => ({ number: iid, url: shownAt(iid) })
  return {
    name,
    openMergeRequest: async (input, signal) => {
      const wanted = checkedRequest(input)
      return shown((await findOpen(place, wanted, signal)) ?? (await create(place, wanted, signal)))
    },
    publishRelease: async (input, signal) => {
      const wanted = checkedRelease(input)
      return { url: `${url}/${project}/-/releases/${wanted.tag}`, created: await publishGitlabRelease(place, wanted, signal) }
    },
    requestUrl: shownAt,
    readMergeRequest: async (number, signal) => stateOf(await read(place, number, signal)),
    showStatus: (status, signal) => showGitlabStatus({ ask, name, project }, status, signal),
    check: (_branch, signal) => checkGitlab(place, signal),
  }
}

export type Place = {
  readonly name: string
  readonly project: string
  readonly client: (what: string, signal: AbortSignal) => Promise<Client>
}

type Client = {
  readonly requests: InstanceType<typeof MergeRequests>
  readonly releases: InstanceType<typeof ProjectReleases>
  readonly projects: InstanceType<typeof Projects>
  readonly tokens: InstanceType<typeof PersonalAccessTokens>
}

async function findOpen(place: Place, { source, target }: NewMergeRequest, signal: AbortSignal): Promise<Found | undefined> {
  const what = `list the open merge requests from ${source} into ${target}`
  const { requests } = await place.client(what, signal)
  const filter = { projectId: place.project, state: 'opened' as const, sourceBranch: source, targetBranch: target, perPage: 20 }
  const json: unknown = await requests.all(filter)
  const listed = shaped(z.array(mergeRequest), json, place.name, what)
  for (const each of listed) {
    ofThisProject(place, each)
    if (each.source_branch !== source || each.target_branch !== target) throw otherBranches(place, source, target)
  }
  // A branch of the same name in a fork is another branch.
  return listed.find((each) => each.state === 'opened' && each.source_project_id === each.target_project_id)
}

async function create(place: Place, wanted: NewMergeRequest, signal: AbortSignal): Promise<Found> {
  const { source, target, title, body } = wanted
  const what = `open a merge request from ${source} into ${target}`
  const { requests } = await place.client(what, signal)
  let json: unknown
  try {
    json = await requests.create(place.project, source, target, title, { description: body })
  } catch (error) {
    // Somebody was faster, an earlier attempt of ours perhaps; if it is not that, GitLab's own words are the reason.
    const found = isConflict(error) ? await findOpen(place, wanted, signal) : undefined
    if (found) return found
    throw error
  }
  const made = ofThisProject(place, shaped(mergeRequest, json, place.name, what))
  if (made.source_branch === source && made.target_branch === target) return made
  throw otherBranches(place, source, target)
}

async function read(place: Place, number: number, signal: AbortSignal): Promise<Found> {
  const what = `read merge request ${number}`
  const { requests } = await place.client(what, signal)
  const json: unknown = await requests.show(place.project, number)
  const found = ofThisProject(place, shaped(mergeRequest, json, place.name, what))
  if (found.iid === number) return found
  throw permanent('Conflict', `${place.name} answered with merge request ${found.iid}, asked to ${what}. Nothing of it was used.`)
}

/** Without a merge commit (fast-forward) it is the squashed commit, or else the branch's own tip, that the target has. */
function stateOf({ state, merge_commit_sha: merge, squash_commit_sha: squash, sha }: Found): MergeRequestState {
  switch (state) {
    case 'merged':
      return { state, mergedAs: merge ?? squash ?? sha ?? null }
    case 'closed':
      return { state, mergedAs: null }
    // Locked is one that is being merged.
    case 'opened':
    case 'locked':
      return { state: 'open', mergedAs: null }
    default:
      return state satisfies never
  }
}

function ofThisProject(place: Place, found: Found): Found {
  if (found.references.full.toLowerCase() === `${place.project}!${found.iid}`.toLowerCase()) return found
  throw permanent(
    'Conflict',
    `${place.name} answered with a merge request of another project. Nothing of it was used. Check forge in estate.yaml.`,
  )
}

function isConflict(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === 'Conflict'
}

function otherBranches({ name }: Place, source: string, target: string) {
  return permanent('Conflict', `${name} answered with a merge request between other branches than ${source} and ${target}. Look there.`)
}
