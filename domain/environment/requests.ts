import { sameCandidate } from '../candidate.ts'
import { recorded } from '../timeline.ts'
import type { Actor } from '../actor.ts'
import type { ClosedRequest, DeployRequest, EnvironmentState, WaitingRequest } from './state.ts'

const KEPT_CLOSED = 20

/**
 * Takes a request in. Latest wins: what the same sprint, or the same ref without one, asked for before and still waits
 * is closed with its reason. The same request delivered twice changes nothing; a revision that comes back after another
 * one is a new request.
 */
export function absorbRequest(state: EnvironmentState, wish: DeployRequest, now: number): EnvironmentState {
  if (isDelivered(state, wish)) return state
  const request = { ...wish, id: freeId(state, wish.id) }
  let next = state
  for (const { request: older } of state.waiting) {
    if (older.version === request.version)
      next = closeRequest(next, older, 'superseded', `${request.tag} was asked for after it`, request.by, now)
  }
  if (next.running === null && runs(next, request)) return next
  return {
    ...next,
    rejected: null,
    parked: next.parked?.request.version === request.version ? null : next.parked,
    waiting: [...next.waiting, { request, since: now, stage: { kind: 'queued' } }],
    entries: recorded(next.entries, now, 'requested', `${request.tag} was asked for`, request.by),
  }
}

function isDelivered(state: EnvironmentState, wish: DeployRequest): boolean {
  return (
    [...state.waiting, state.running, state.parked].some((holder) => holder?.request.id === wish.id && holder.request.at === wish.at) ||
    [...state.closed, ...state.past.map((deployed) => ({ id: deployed.request, at: deployed.since }))].some(
      (ended) => ended.id === wish.id && ended.at >= wish.at,
    ) ||
    (state.current?.request === wish.id && state.current.since >= wish.at)
  )
}

export function freeId(state: EnvironmentState, id: string): string {
  const taken = new Set([
    ...[...state.waiting, state.running, state.parked].map((holder) => holder?.request.id),
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
  const closed: ClosedRequest = { id: request.id, version: request.version, tag: request.tag, outcome, reason, at: now }
  return {
    ...state,
    waiting: state.waiting.filter((waiting) => waiting.request.id !== request.id),
    closed: [...state.closed.filter((other) => other.id !== request.id), closed].slice(-KEPT_CLOSED),
    entries: recorded(state.entries, now, outcome, `${request.tag}: ${reason}`, by),
  }
}

export function setStage(state: EnvironmentState, id: string, stage: WaitingRequest['stage'], now: number): EnvironmentState {
  const waiting = state.waiting.map((other) => (other.request.id === id ? { ...other, stage, since: now } : other))
  return { ...state, waiting }
}

/** `v1.0.0` → `v1.0.0~2` → `v1.0.0~3`: the same thing asked for once more. */
function nextRequestId(id: string): string {
  const match = /^(.*)~(\d+)$/.exec(id)
  return match ? `${match[1]}~${Number(match[2]) + 1}` : `${id}~2`
}

/** True when the environment runs exactly this candidate under this tag, verified. */
function runs(state: EnvironmentState, request: DeployRequest): boolean {
  const { current } = state
  return (
    current !== null &&
    current.tag === request.tag &&
    state.parked?.target !== 'broken' &&
    sameCandidate(current.snapshot.candidate, request.candidate)
  )
}
