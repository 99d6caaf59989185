import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fake, type Fake } from '../registry/fake.ts'

type MergeRequest = { iid: number; source: string; target: string; state: string; title: string; merged?: string }

/** As much of GitLab as opens, lists, shows and merges, with its own words for what goes wrong. */
export type FakeGitlab = Fake & {
  token: string
  project: string
  scopes: string[]
  role: number
  branches: Map<string, string[]>
  requests: MergeRequest[]
  /** What stands on the release pages, by tag. */
  releases: Map<string, string>
  statuses: { sha: string; name: string; status: string; description: string }[]
  deployments: { id: number; environment: string; sha: string; ref: string; tag: boolean; status: string; created_at: string }[]
  merge: (iid: number) => void
}

export async function fakeGitlab(): Promise<FakeGitlab> {
  const world = {
    token: 'glpat-canary-5d1e',
    project: 'eap/web/site',
    scopes: ['api'],
    role: 30,
    branches: new Map<string, string[]>(['develop', 'master'].map((name) => [name, [commit(name)]])),
    requests: [] as MergeRequest[],
    releases: new Map<string, string>(),
    statuses: [] as FakeGitlab['statuses'],
    deployments: [] as FakeGitlab['deployments'],
  }
  const merge = (iid: number) => {
    const found = world.requests[iid - 1]
    if (!found) throw new Error(`no merge request ${iid}`)
    found.state = 'merged'
    found.merged = commit(`merge ${iid}`)
    world.branches.get(found.target)?.push(found.merged)
  }
  const state = Object.assign(world, { merge })
  const server = await fake((from, to) => void answer(state, from, to))
  return Object.assign(state, server)
}

async function answer(world: Omit<FakeGitlab, keyof Fake>, from: IncomingMessage, to: ServerResponse): Promise<void> {
  const body = await bodyOf(from)
  const say = (status: number, json: unknown) => to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  if (from.headers['private-token'] !== world.token) return void say(401, { message: '401 Unauthorized' })
  const url = new URL(from.url ?? '', 'http://x')
  if (url.pathname === '/api/v4/personal_access_tokens/self') return void say(200, { id: 1, scopes: world.scopes })
  const [, project, rest = ''] = /^\/api\/v4\/projects\/([^/]+)(.*)$/.exec(url.pathname) ?? []
  if (project !== encodeURIComponent(world.project)) return void say(404, { message: '404 Project Not Found' })
  if (rest === '') return void say(200, projectJson(world))
  const [, iid] = /^\/merge_requests\/(\d+)$/.exec(rest) ?? []
  if (iid !== undefined) {
    const found = world.requests[Number(iid) - 1]
    return void (found ? say(200, toJson(world, found)) : say(404, { message: '404 Not found' }))
  }
  const [, tag] = /^\/releases\/([^/]+)$/.exec(rest) ?? []
  if (tag !== undefined) {
    return void (world.releases.has(tag) ? say(200, { tag_name: tag }) : say(404, { message: '404 Not Found' }))
  }
  if (rest === '/releases') {
    const { tag_name: name = '', description = '' } = body
    if (world.releases.has(name)) return void say(409, { message: 'Release already exists' })
    world.releases.set(name, description)
    return void say(201, { tag_name: name, description })
  }
  const [, sha] = /^\/statuses\/([0-9a-f]{40})$/.exec(rest) ?? []
  if (sha !== undefined) return setStatus(world, sha, body, say)
  if (rest === '/deployments') return deploy(world, from.method ?? '', url.searchParams, body, say)
  if (rest !== '/merge_requests') return void say(404, { error: '404 Not Found' })
  if (from.method === 'GET') return void say(200, listed(world, url.searchParams))
  const { source_branch: source, target_branch: target, title } = body
  if (!world.branches.has(source) || !world.branches.has(target))
    return void say(400, { message: { base: ['Source branch does not exist'] } })
  if (title.length > 255) return void say(400, { message: { title: ['is too long (maximum is 255 characters)'] } })
  const there = world.requests.find((each) => each.state === 'opened' && each.source === source && each.target === target)
  if (there) return void say(409, { message: [`Another open merge request already exists for this source branch: !${there.iid}`] })
  const made = { iid: world.requests.length + 1, source, target, state: 'opened', title }
  world.requests.push(made)
  say(201, toJson(world, made))
}

type Say = (status: number, json: unknown) => void

/** It refuses to move a status to what it is already. */
function setStatus({ statuses }: Omit<FakeGitlab, keyof Fake>, sha: string, body: Record<string, string>, say: Say): void {
  const { state = '', name = '', description = '' } = body
  const newest = statuses.findLast((each) => each.sha === sha && each.name === name)
  if (newest?.status === state && (state === 'running' || state === 'pending'))
    return say(400, { message: `Cannot transition status via :run from :${state} (Reason(s): Status cannot transition via "run")` })
  if (description.length > 255) return say(400, { message: { description: ['is too long (maximum is 255 characters)'] } })
  statuses.push({ sha, name, status: state, description })
  say(201, { id: statuses.length, sha, name, status: state, description })
}

function deploy(
  { deployments }: Omit<FakeGitlab, keyof Fake>,
  method: string,
  query: URLSearchParams,
  body: Record<string, unknown>,
  say: Say,
): void {
  if (method === 'GET') return say(200, deployments.filter(({ environment }) => environment === query.get('environment')).toReversed())
  const { environment, sha, ref, tag, status } = body
  if (typeof environment !== 'string' || typeof sha !== 'string' || typeof ref !== 'string' || typeof tag !== 'boolean')
    return say(400, { error: 'environment is missing, sha is missing, ref is missing, tag is missing' })
  const made = { id: deployments.length + 1, environment, sha, ref, tag, status: String(status), created_at: new Date().toISOString() }
  deployments.push(made)
  say(201, made)
}

function listed(world: Omit<FakeGitlab, keyof Fake>, query: URLSearchParams): unknown[] {
  const fits = (each: MergeRequest) =>
    each.state === query.get('state') && each.source === query.get('source_branch') && each.target === query.get('target_branch')
  return world.requests.filter(fits).map((each) => toJson(world, each))
}

function toJson({ project }: { project: string }, { iid, source, target, state, title, merged }: MergeRequest): object {
  return {
    id: 9000 + iid,
    iid,
    project_id: 7,
    title,
    state,
    source_branch: source,
    target_branch: target,
    source_project_id: 7,
    target_project_id: 7,
    sha: commit(source),
    merge_commit_sha: merged ?? null,
    squash_commit_sha: null,
    references: { short: `!${iid}`, relative: `!${iid}`, full: `${project}!${iid}` },
    web_url: `https://gitlab.example/${project}/-/merge_requests/${iid}`,
  }
}

function projectJson({ project, role }: { project: string; role: number }): object {
  return {
    id: 7,
    path_with_namespace: project,
    archived: false,
    merge_requests_access_level: 'enabled',
    permissions: { project_access: { access_level: role }, group_access: null },
  }
}

async function bodyOf(
  from: IncomingMessage,
): Promise<Record<string, string> & { source_branch: string; target_branch: string; title: string }> {
  const chunks: Buffer[] = []
  for await (const chunk of from) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
}

export function commit(of: string): string {
  return createHash('sha1').update(of).digest('hex')
}
