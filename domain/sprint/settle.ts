import { actorName } from '../actor.ts'
import type { RequestReport } from '../environment/report.ts'
import { isBefore } from '../release-tag.ts'
import type { Revision } from '../revision.ts'
import { recorded } from '../timeline.ts'
import type { RefFact } from './facts.ts'
import type { Phase } from './phase.ts'
import { environmentsFrom, hasLaterCommits, isSignedOff, newerTag, type Release, type SprintState } from './state.ts'

/** Moves the sprint through its phases as far as what is known allows. Every rule reads the state alone. */
export function settle(state: SprintState, now: number): SprintState {
  const next = settleOnce(state, now)
  return next.phase === state.phase ? next : settle(next, now)
}

function settleOnce(state: SprintState, now: number): SprintState {
  switch (state.phase) {
    case 'integrating':
      if (state.facts.release === null) return state
      return enter(state, 'stabilising', `${state.facts.release.name} was cut`, now)
    case 'stabilising':
    case 'hotfixing':
      return toReleasing(state, now)
    case 'releasing':
      return fromReleasing(state, now)
    case 'live':
      return fromLive(state, now)
    case 'rolledBack':
      return fromRolledBack(state, now)
    case 'mergingBack':
      return fromMergingBack(state, now)
    case 'finished':
    case 'aborted':
      return state
    default:
      return state.phase satisfies never
  }
}

export function enter(state: SprintState, phase: Phase, reason: string, now: number): SprintState {
  const hotfix = phase === 'hotfixing' ? state.hotfix : null
  return { ...state, phase, hotfix, since: now, entries: recorded(state.entries, now, phase, `${phase}: ${reason}`) }
}

function toReleasing(state: SprintState, now: number): SprintState {
  const release = releasableTag(state)
  if (release !== null) return startRelease(state, release, now)
  // Taken over, or asked for once more in the environment itself: it runs already.
  const running = state.facts.tags.at(-1)
  const isNew = running !== undefined && running.name !== state.live?.tag && hasReleaseEnvironments(state)
  if (!isNew || movedTag(state) !== null || !runsEverywhere(state, releaseOf(running))) return state
  return enterLive({ ...state, release: releaseOf(running) }, now)
}

function startRelease(state: SprintState, tag: RefFact, now: number): SprintState {
  const reason = `${tag.name} is signed off and goes to ${environmentsFrom(state, 'tag').join(', ')}`
  return enter({ ...state, release: releaseOf(tag) }, 'releasing', reason, now)
}

function fromReleasing(state: SprintState, now: number): SprintState {
  const { release } = state
  if (release === null) return state
  if (runsEverywhere(state, release)) return enterLive(state, now)
  const stopped = stoppedSomewhere(state, release)
  if (stopped === null) return state
  const reason = `${release.tag} did not reach ${stopped.environment} (${stopped.request.stage}): ${stopped.request.reason ?? ''}`
  if (state.live === null) return enter(state, 'stabilising', reason, now)
  // What was live before is the release that a hotfix mends.
  const before = { ...state, release: state.live }
  return enter(before, rolledBackSomewhere(before) === null ? 'hotfixing' : 'rolledBack', reason, now)
}

function enterLive(state: SprintState, now: number): SprintState {
  return enter({ ...state, live: state.release }, 'live', `${state.release?.tag ?? ''} is live`, now)
}

function fromLive(state: SprintState, now: number): SprintState {
  if (state.live?.assumed === true) {
    const runs = runsUnderTag(state, state.live.tag)
    if (runs !== null) return fromLive({ ...state, release: runs, live: runs }, now)
    // A tag alone does not say that it was ever deployed.
    const never = neverRan(state, state.live.tag)
    if (never !== null) return enter({ ...state, release: null, live: null }, 'stabilising', never, now)
  }
  const back = rolledBackSomewhere(state)
  if (back !== null) return enter(state, 'rolledBack', back, now)
  const newer = newerTag(state)
  if (newer !== null) return enter(state, 'hotfixing', `${newer.name} was pushed`, now)
  if (!hasLaterCommits(state)) return state
  return enter(state, 'hotfixing', `${state.facts.release?.name ?? ''} has commits after ${state.release?.tag ?? ''}`, now)
}

/** The way on: a newer tag, the same one running or asked for again, or a hotfix. */
function fromRolledBack(state: SprintState, now: number): SprintState {
  const { release } = state
  const newer = releasableTag(state)
  if (newer !== null) return startRelease(state, newer, now)
  if (release === null) return state
  if (runsEverywhere(state, release)) return enterLive(state, now)
  const again = environmentsFrom(state, 'tag').some((environment) => {
    const request = newestRequest(state, release.tag, environment)
    return request !== undefined && !isEnded(request)
  })
  if (again) return enter(state, 'releasing', `${release.tag} was asked for again`, now)
  if (!hasLaterCommits(state)) return state
  return enter(state, 'hotfixing', `${state.facts.release?.name ?? ''} has commits after ${release.tag}`, now)
}

function fromMergingBack(state: SprintState, now: number): SprintState {
  const back = rolledBackSomewhere(state)
  if (back !== null) return enter(state, 'rolledBack', back, now)
  const { mergeBack } = state
  if (mergeBack === null || !mergeBack.ended) return state
  if (mergeBack.stopped !== null) {
    // It ended unfinished, and what it would merge is not all there is any more.
    return hasLaterCommits(state)
      ? enter(state, 'hotfixing', `${state.facts.release?.name ?? ''} has commits after ${mergeBack.tag}`, now)
      : state
  }
  const branches = mergeBack.targets.map(({ branch }) => branch).join(', ')
  return enter(state, 'finished', `${mergeBack.tag} is in ${branches}`, now)
}

/** What runs everywhere under this tag: a tag that was moved does not say what was released. */
function runsUnderTag(state: SprintState, tag: string): Release | null {
  const running = environmentsFrom(state, 'tag').map((environment) => state.environments[environment]?.current ?? null)
  const [first] = running
  const isOne = running.every((current) => current?.tag === tag && current.revision === first?.revision)
  return isOne && first !== undefined && first !== null ? { tag, revision: first.revision } : null
}

/** What runs is older, and nobody went back to it. */
function neverRan(state: SprintState, tag: string): string | null {
  for (const environment of environmentsFrom(state, 'tag')) {
    const report = state.environments[environment]
    if (report === undefined || report.current?.rollback !== undefined) continue
    if (report.current === null) return `${tag} never ran on ${environment}`
    if (isBefore(report.current.tag, tag)) return `${tag} never ran on ${environment}, which runs ${report.current.tag}`
  }
  return null
}

function releaseOf({ name, revision }: RefFact): Release {
  return { tag: name, revision }
}

/**
 * The tag to release now: the newest release tag, when it is built, QA signed its revision off, it was not live before, and
 * no environment ended its request without running it (asked for once more, it is open again). An older tag is never
 * released after a newer one.
 */
export function releasableTag(state: SprintState): RefFact | null {
  const newest = state.facts.tags.at(-1)
  if (newest === undefined || newest.build.status !== 'built' || !isSignedOff(state, newest.revision)) return null
  const wasLive = state.live?.tag === newest.name && state.live.revision === newest.revision
  return wasLive || movedTag(state) !== null || stoppedSomewhere(state, releaseOf(newest)) !== null ? null : newest
}

/** A tag that names another commit, or nothing, after a request named it: an alarm, never a deployment. */
export function movedTag(state: SprintState): { readonly tag: string; readonly from: Revision; readonly to: Revision | null } | null {
  for (const environment of environmentsFrom(state, 'tag')) {
    const asked = state.asked[environment]
    if (asked === undefined) continue
    const now = state.facts.tags.find((tag) => tag.name === asked.tag)?.revision ?? null
    if (now !== asked.revision) return { tag: asked.tag, from: asked.revision, to: now }
  }
  return movedUnderWhatRuns(state)
}

/** A sprint that began anew has asked for nothing yet: what runs says what the tag named. */
function movedUnderWhatRuns(state: SprintState): ReturnType<typeof movedTag> {
  for (const environment of environmentsFrom(state, 'tag')) {
    const current = state.environments[environment]?.current
    const tag = state.facts.tags.find(({ name }) => name === current?.tag)
    if (current !== null && current !== undefined && tag !== undefined && tag.revision !== current.revision)
      return { tag: tag.name, from: current.revision, to: tag.revision }
  }
  return null
}

function stoppedSomewhere(state: SprintState, release: Release): { environment: string; request: RequestReport } | null {
  for (const environment of environmentsFrom(state, 'tag')) {
    const request = stoppedRequest(state, release, environment)
    if (request !== null) return { environment, request }
  }
  return null
}

/** What ran before this release runs again. What a younger release replaced is not rolled back. */
export function rolledBackSomewhere(state: SprintState): string | null {
  const { release } = state
  if (release === null) return null
  for (const environment of environmentsFrom(state, 'tag')) {
    const current = state.environments[environment]?.current ?? null
    if (current === null || !isBefore(current.tag, release.tag)) continue
    return current.rollback === undefined
      ? `${environment} runs ${current.tag}, which is older than ${release.tag}`
      : `${environment} went back to ${current.tag} (${actorName(current.rollback.by)}: ${current.rollback.reason})`
  }
  return null
}

function runsEverywhere(state: SprintState, release: Release): boolean {
  return environmentsFrom(state, 'tag').every((environment) => runsThere(state, release, environment))
}

/** A project may have no environment that tags feed: then nothing says that a tag runs. */
function hasReleaseEnvironments(state: SprintState): boolean {
  return environmentsFrom(state, 'tag').length > 0
}

export function runsThere(state: SprintState, release: Release, environment: string): boolean {
  const current = state.environments[environment]?.current
  return current?.tag === release.tag && current.revision === release.revision
}

/** The newest request for it there, when that ended and it does not run. */
export function stoppedRequest(state: SprintState, release: Release, environment: string): RequestReport | null {
  const newest = newestRequest(state, release.tag, environment)
  return newest !== undefined && isEnded(newest) && !runsThere(state, release, environment) ? newest : null
}

/** What became of the newest request for this tag there. A way back that failed says nothing of it. */
export function newestRequest(state: SprintState, tag: string, environment: string): RequestReport | undefined {
  const own = state.environments[environment]?.requests.filter((request) => request.rollback !== true || !isEnded(request)) ?? []
  return own.findLast((request) => request.tag === tag)
}

export function isEnded(request: RequestReport): boolean {
  switch (request.stage) {
    case 'queued':
    case 'preparing':
    case 'held':
    case 'awaitingApproval':
    case 'approved':
    case 'deploying':
      return false
    case 'parked':
    case 'rejected':
    case 'superseded':
    case 'older':
    case 'vetoed':
    case 'failed':
    case 'restored':
    case 'aborted':
      return true
    default:
      return request.stage satisfies never
  }
}
