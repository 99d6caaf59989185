import { actorName } from '../actor.ts'
import { announcement, type Announcement } from '../announcer/announcement.ts'
import { spokenStep } from './deployments.ts'
import type { ClosedRequest, Deployed, DeployRequest, EnvironmentState, ParkedRequest, RunningDeployment, WaitingRequest } from './state.ts'

/** What is older than this was told by somebody else, or happened before anybody wanted to hear of it. */
const OLDEST_MS = 600_000
const REMEMBERED = 40

/** What is to be told now, and the state that remembers that it was; nothing where nobody wants to hear anything. */
export function takeAnnouncements(state: EnvironmentState, now: number): { state: EnvironmentState; news: readonly Announcement[] } {
  if (state.settings?.announced !== true) return { state, news: [] }
  const known = state.announced ?? []
  const unknown = picture(state).filter(({ id }) => !known.includes(id))
  if (unknown.length === 0) return { state, news: [] }
  const announced = [...known, ...unknown.map(({ id }) => id)].slice(-REMEMBERED)
  return { state: { ...state, announced }, news: unknown.filter(({ at }) => now - at < OLDEST_MS) }
}

/** Everything in the state that is worth telling. */
function picture(state: EnvironmentState): readonly Announcement[] {
  return [
    ...state.waiting.flatMap((waiting) => approvals(state, waiting)),
    ...(state.running === null ? [] : running(state, state.running)),
    ...(state.parked === null ? [] : [failed(state, state.parked)]),
    ...state.closed.flatMap((closed) => overturned(state, closed)),
    ...(state.current === null || state.current.adopted === true ? [] : [live(state, state.current)]),
  ]
}

function approvals(state: EnvironmentState, { request, stage, since }: WaitingRequest): readonly Announcement[] {
  if (stage.kind !== 'awaitingApproval') return []
  const id = idOf(state, 'approval', request.at, stage.preparation.requestHash.slice(0, 12))
  const text = `${request.tag} waits for its approval for ${state.name}: slipway approve ${state.name} ${request.id}`
  return [about(state, request, { id, kind: 'waiting', epoch: null, at: since, text })]
}

function running(state: EnvironmentState, { epoch, request, since, halt }: RunningDeployment): readonly Announcement[] {
  const begun = about(state, request, {
    id: idOf(state, epoch, 'deploying'),
    kind: 'deploying',
    epoch,
    at: since,
    text: `${request.tag} is being deployed to ${state.name} as epoch ${epoch}`,
  })
  if (halt === undefined) return [begun]
  const text = `${request.tag} on ${state.name} stands ${spokenStep(halt)} until a person decides: ${halt.reason}`
  return [begun, about(state, request, { id: idOf(state, epoch, 'halt', halt.number), kind: 'parked', epoch, at: halt.since, text })]
}

/** Who approved was told that it is approved: that somebody rejected it afterwards is told likewise. */
function overturned(
  state: EnvironmentState,
  { tag, version, askedAt, at, reason, overturned: lost }: ClosedRequest,
): readonly Announcement[] {
  if (lost === undefined) return []
  const text = `${tag} is not deployed to ${state.name}, though ${lost.names.join(' and ')} approved it: ${reason}`
  const id = idOf(state, 'rejected', askedAt, at)
  const common = { project: state.project, environment: state.name, revision: lost.revision, tag, version }
  return [announcement({ ...common, id, kind: 'rejected', epoch: null, at, text })]
}

const LEFT = {
  intact: 'nothing was changed there',
  restored: 'what ran before runs again',
  broken: 'it is as the failure left it',
} as const

function failed(state: EnvironmentState, { request, epoch, target, reason, since }: ParkedRequest): Announcement {
  const what = request.rollback === undefined ? request.tag : `the way back to ${request.tag}`
  const text = `${what} failed on ${state.name}, ${LEFT[target]}: ${reason}`
  return about(state, request, { id: idOf(state, epoch ?? 0, 'failed', since), kind: 'failed', epoch, at: since, text })
}

function live(state: EnvironmentState, { epoch, tag, version, snapshot, since, rollback }: Deployed): Announcement {
  const text =
    rollback === undefined
      ? `${tag} runs on ${state.name}`
      : `${tag} runs on ${state.name} again, instead of ${rollback.fromTag}: ${actorName(rollback.by)} went back, ${rollback.reason}`
  return announcement({
    id: idOf(state, epoch, 'live'),
    kind: rollback === undefined ? 'live' : 'rolledBack',
    project: state.project,
    environment: state.name,
    revision: snapshot.candidate.revision,
    tag,
    version,
    epoch,
    at: since,
    text,
  })
}

function about(
  state: EnvironmentState,
  { candidate, tag, version }: DeployRequest,
  rest: Pick<Announcement, 'id' | 'kind' | 'epoch' | 'at' | 'text'>,
): Announcement {
  return announcement({ project: state.project, environment: state.name, revision: candidate.revision, tag, version, ...rest })
}

function idOf({ project, name }: EnvironmentState, ...parts: readonly (string | number)[]): string {
  return [project, name, ...parts].join('/')
}
