import type { Actor } from '../actor.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { denied, type Judged } from './judged.ts'
import { freeId } from './requests.ts'
import { isSameSource } from './source.ts'
import { withoutSource } from './rejected.ts'
import { reservedBy } from './reservation.ts'
import type { DeployRequest, EnvironmentState } from './state.ts'

/** What can be asked for once more: what failed, was rejected, or was rolled back; first what need not wait for another sprint. */
export function retriable(state: EnvironmentState): DeployRequest | null {
  const failed = state.parked?.request
  const ended = [failed?.rollback === undefined ? failed : null, ...state.rejected, rolledBackFrom(state)]
  const wishes = ended.flatMap((wish) => wish ?? [])
  return wishes.find((wish) => reservedBy(state, wish) === null && !isAskedFor(state, wish)) ?? wishes[0] ?? null
}

function isAskedFor(state: EnvironmentState, wish: DeployRequest): boolean {
  return state.waiting.some((waiting) => isSameSource(waiting.request, wish))
}

function rolledBackFrom(state: EnvironmentState): DeployRequest | null {
  const left = state.past.find((deployed) => deployed.epoch === state.current?.rollback?.fromEpoch)
  if (left === undefined || state.current === null) return null
  const { request: id, snapshot, tag, version, since: at } = left
  const by = { kind: 'automation', name: `sprint ${version ?? ''}` } as const
  return { id, candidate: snapshot.candidate, tag, version, by, at, rewritten: false }
}

function isPassed(ended: DeployRequest | null | undefined, by: DeployRequest): boolean {
  return ended === null || ended === undefined || ended.rollback !== undefined || isSameSource(ended, by)
}

/** Asks once more for what failed or was rejected here. It gets a new id, so an old approval does not fit it. */
export function judgeRetry(state: EnvironmentState, by: Actor, now: number): Judged {
  const last = retriable(state)
  const refusal = authorise('retry', by, state.settings) ?? refusalOf(state, last)
  if (refusal !== null || last === null) return denied(state, 'retry', by, refusal ?? nothingEnded(state), now)
  // What is tried again is what was asked for, not the way back that failed.
  const { rollback: _rollback, ...wish } = last
  const request: DeployRequest = { ...wish, id: freeId(state, wish.id), by, at: now }
  return {
    state: {
      ...state,
      // What failed of another sprint is still to be asked for.
      parked: isPassed(state.parked?.request, last) ? null : state.parked,
      rejected: withoutSource(state.rejected, last),
      waiting: [...state.waiting, { request, since: now, stage: { kind: 'queued' } }],
      entries: recorded(state.entries, now, 'requested', `${request.tag} was asked for again`, by),
    },
    answer: { ok: true, text: `${request.tag} is asked for again in ${state.name}` },
  }
}

function refusalOf(state: EnvironmentState, last: DeployRequest | null): Refusal | null {
  const { name, running } = state
  const look = [`slipway env ${name}`]
  if (running !== null) return refuse(`${running.request.tag} is being deployed to ${name} now`, look)
  if (last === null) return nothingEnded(state)
  return isAskedFor(state, last) ? refuse(`a newer request waits in ${name} already`, look) : null
}

function nothingEnded({ name }: EnvironmentState): Refusal {
  return refuse(`nothing failed, was rejected or was rolled back in ${name}`, [`slipway env ${name}`])
}
