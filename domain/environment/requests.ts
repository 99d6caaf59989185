import { isBefore, parseReleaseTag } from '../release-tag.ts'
import { sameCandidate } from '../candidate.ts'
import { cut } from '../cut.ts'
import { recorded } from '../timeline.ts'
import type { Actor } from '../actor.ts'
import { withoutSource, withRejected } from './rejected.ts'
import { isSameSender, isSameSource } from './source.ts'
import type { ClosedRequest, DeployRequest, EnvironmentState, WaitingRequest } from './state.ts'

const KEPT_CLOSED = 20
const LONGEST_REASON = 500

/**
 * Takes a request in. Latest wins: what the same sprint, or the same ref without one, asked for before and still waits
 * is closed with its reason. The same request delivered twice changes nothing, one that comes late supersedes nothing; a
 * revision that comes back after another one is a new request.
 */
export function absorbRequest(state: EnvironmentState, wish: DeployRequest, now: number): EnvironmentState {
  if (isDelivered(state, wish)) return state
  const request = { ...wish, id: freeId(state, wish.id) }
  const later = laterOf(state, request)
  if (later !== null) return closeRequest(state, request, 'superseded', `${later.tag} was asked for after it`, request.by, now)
  // What failed or was rejected before is not what is wished for any more, even where nothing is to be done for this.
  let next: EnvironmentState = {
    ...state,
    rejected: withoutSource(state.rejected, request),
    // A way back was nobody's release: that it failed stays until something is verified there.
    parked: isPassed(state.parked?.request, request) ? null : state.parked,
  }
  for (const { request: older } of state.waiting) {
    // A way back is a person's word; what comes after it waits for it.
    if (older.rollback === undefined && isSameSource(older, request))
      next = closeRequest(next, older, 'superseded', `${request.tag} was asked for after it`, request.by, now)
  }
  for (const { request: older } of next.waiting) {
    if (isOlderRelease(state, older, request))
      next = {
        ...closeRequest(next, older, 'superseded', `${request.tag}, a newer release, was asked for after it`, request.by, now),
        rejected: withRejected(next.rejected, older),
      }
  }
  // Nothing is to be done, and who asked is told so: a new sprint does not know yet what runs.
  if (next.running === null && runs(next, request)) return next
  return {
    ...next,
    waiting: [...next.waiting, { request, since: now, stage: { kind: 'queued' } }],
    entries: recorded(next.entries, now, 'requested', `${request.tag} was asked for`, request.by),
  }
}

/** Where somebody approves, nobody shall approve what was overtaken: the release of another version that was tagged before. */
function isOlderRelease({ settings }: EnvironmentState, older: DeployRequest, newer: DeployRequest): boolean {
  if (settings?.guarded !== true || older.rollback !== undefined || newer.rollback !== undefined) return false
  return parseReleaseTag(older.tag).ok && parseReleaseTag(newer.tag).ok && isBefore(older.tag, newer.tag)
}

function isPassed(parked: DeployRequest | undefined, by: DeployRequest): boolean {
  return parked !== undefined && parked.rollback === undefined && isSameSource(parked, by)
}

function isDelivered(state: EnvironmentState, wish: DeployRequest): boolean {
  const deployed = state.current === null ? state.past : [state.current, ...state.past]
  const known = [
    ...holders(state).map(({ id, at }) => ({ id, askedAt: at })),
    ...state.closed,
    ...deployed.map(({ request, askedAt }) => ({ id: request, askedAt })),
  ]
  return known.some((other) => other.askedAt === wish.at && firstId(other.id) === firstId(wish.id))
}

/** What the same sender asked for after this, and what is here before it. */
function laterOf(state: EnvironmentState, wish: DeployRequest): DeployRequest | null {
  return holders(state).find((other) => isSameSender(other, wish) && other.at > wish.at) ?? null
}

function holders(state: EnvironmentState): DeployRequest[] {
  return [...state.waiting, state.running, state.parked].flatMap((holder) => holder?.request ?? [])
}

export function freeId(state: EnvironmentState, id: string): string {
  const taken = new Set([
    ...holders(state).map((request) => request.id),
    ...state.closed.map((closed) => closed.id),
    ...state.past.map((deployed) => deployed.request),
    state.current?.request,
  ])
  return taken.has(id) ? freeId(state, nextRequestId(id)) : id
}

/** Ends a request that will not deploy, and keeps why. */
export function closeRequest(
  state: EnvironmentState,
  request: DeployRequest,
  outcome: ClosedRequest['outcome'],
  reason: string,
  by: Actor | null,
  now: number,
): EnvironmentState {
  const { id, version, tag, at: askedAt } = request
  const common = { id, askedAt, version, tag, outcome, reason: cut(reason, LONGEST_REASON), at: now }
  const closed: ClosedRequest = request.rollback === undefined ? common : { ...common, rollback: true }
  return {
    ...state,
    waiting: state.waiting.filter((waiting) => waiting.request.id !== request.id),
    closed: [...state.closed.filter((other) => other.id !== request.id), closed].slice(-KEPT_CLOSED),
    entries: recorded(state.entries, now, outcome, `${request.tag}: ${reason}`, by),
  }
}

export function setStage(state: EnvironmentState, id: string, stage: WaitingRequest['stage'], now: number): EnvironmentState {
  const since = (other: WaitingRequest) => (other.stage.kind === stage.kind ? other.since : now)
  const waiting = state.waiting.map((other) => (other.request.id === id ? { ...other, stage, since: since(other) } : other))
  return { ...state, waiting }
}

/** What keeps what is ready from beginning; whatever else was said of it meanwhile stays. */
export function setProblem(state: EnvironmentState, id: string, problem: Problem | null): EnvironmentState {
  return changeReady(state, id, ({ nextTryAt: _nextTryAt, ...stage }) =>
    problem === null ? { ...stage, problem } : { ...stage, problem: problem.reason, nextTryAt: problem.at },
  )
}

/** What did not succeed, and when it is tried again. */
export type Problem = { readonly reason: string; readonly at: number }

type Ready = Extract<WaitingRequest['stage'], { readonly kind: 'ready' }>

/** It stays ready, since when it was. */
export function changeReady(state: EnvironmentState, id: string, change: (stage: Ready) => Ready): EnvironmentState {
  const waiting = state.waiting.map((other) =>
    other.request.id === id && other.stage.kind === 'ready' ? { ...other, stage: change(other.stage) } : other,
  )
  return { ...state, waiting }
}

/** `v1.0.0` → `v1.0.0~2` → `v1.0.0~3`: the same thing asked for once more. */
function nextRequestId(id: string): string {
  const match = /^(.*)~(\d+)$/.exec(id)
  return match ? `${match[1]}~${Number(match[2]) + 1}` : `${id}~2`
}

/** The id under which it was asked for at first. */
function firstId(id: string): string {
  return id.replace(/~\d+$/, '')
}

/** True when the environment runs exactly this candidate under this tag, verified. */
function runs(state: EnvironmentState, request: DeployRequest): boolean {
  const { current } = state
  return current !== null && current.tag === request.tag && !state.broken && sameCandidate(current.snapshot.candidate, request.candidate)
}
