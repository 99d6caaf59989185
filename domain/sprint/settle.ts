import { recorded } from '../timeline.ts'
import type { RequestReport } from '../environment/report.ts'
import type { RefFact } from './facts.ts'
import type { Revision } from '../revision.ts'
import type { Phase } from './phase.ts'
import { environmentsFrom, isSignedOff, type SprintState } from './state.ts'

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
    case 'stabilising': {
      const release = releasableTag(state)
      if (release === null) return state
      return enter(
        { ...state, release: { tag: release.name, revision: release.revision } },
        'releasing',
        `${release.name} is signed off and goes to ${environmentsFrom(state, 'tag').join(', ')}`,
        now,
      )
    }
    case 'releasing': {
      const ended = endOfRelease(state)
      if (ended === null) return state
      return ended.live ? enter(state, 'live', `${state.release?.tag ?? ''} is live`, now) : enter(state, 'stabilising', ended.reason, now)
    }
    case 'live':
    case 'aborted':
      return state
    default:
      return state.phase satisfies never
  }
}

function enter(state: SprintState, phase: Phase, reason: string, now: number): SprintState {
  return { ...state, phase, since: now, entries: recorded(state.entries, now, phase, `${phase}: ${reason}`) }
}

/**
 * The tag to release now: the newest release tag, when it is built, QA signed its revision off, and no environment ended
 * its request without running it (asked for once more, it is open again). An older tag is never released after a newer one.
 */
export function releasableTag(state: SprintState): RefFact | null {
  const newest = state.facts.tags.at(-1)
  if (newest === undefined || newest.build.status !== 'built' || !isSignedOff(state, newest.revision)) return null
  const wish = { tag: newest.name, revision: newest.revision }
  const stopped = environmentsFrom(state, 'tag').some((environment) => stoppedRequest(state, wish, environment) !== null)
  return movedTag(state) !== null || stopped ? null : newest
}

/** A tag that names another commit, or nothing, after a request named it: an alarm, never a deployment. */
export function movedTag(state: SprintState): { readonly tag: string; readonly from: Revision; readonly to: Revision | null } | null {
  for (const environment of environmentsFrom(state, 'tag')) {
    const asked = state.asked[environment]
    if (asked === undefined) continue
    const now = state.facts.tags.find((tag) => tag.name === asked.tag)?.revision ?? null
    if (now !== asked.revision) return { tag: asked.tag, from: asked.revision, to: now }
  }
  return null
}

function endOfRelease(state: SprintState): { live: true } | { live: false; reason: string } | null {
  const release = state.release
  if (release === null) return null
  const environments = environmentsFrom(state, 'tag')
  if (environments.every((environment) => runsThere(state, release, environment))) return { live: true }
  for (const environment of environments) {
    const stopped = stoppedRequest(state, release, environment)
    if (stopped !== null)
      return { live: false, reason: `${release.tag} did not reach ${environment} (${stopped.stage}): ${stopped.reason ?? ''}` }
  }
  return null
}

type Release = { readonly tag: string; readonly revision: Revision }

export function runsThere(state: SprintState, release: Release, environment: string): boolean {
  const current = state.environments[environment]?.current
  return current?.tag === release.tag && current.revision === release.revision
}

/** The newest request for it there, when that ended and it does not run. */
export function stoppedRequest(state: SprintState, release: Release, environment: string): RequestReport | null {
  const newest = newestRequest(state, release.tag, environment)
  return newest !== undefined && isEnded(newest) && !runsThere(state, release, environment) ? newest : null
}

/** What became of the newest request for this tag there. */
export function newestRequest(state: SprintState, tag: string, environment: string): RequestReport | undefined {
  return state.environments[environment]?.requests.findLast((request) => request.tag === tag)
}

export function isEnded(request: RequestReport): boolean {
  switch (request.stage) {
    case 'queued':
    case 'preparing':
    case 'awaitingApproval':
    case 'approved':
    case 'deploying':
      return false
    case 'parked':
    case 'rejected':
    case 'superseded':
    case 'older':
    case 'failed':
    case 'restored':
    case 'aborted':
      return true
    default:
      return request.stage satisfies never
  }
}
