import type { Actor } from '../actor.ts'
import { recorded } from '../timeline.ts'
import { refuse } from '../wait.ts'
import { authorise } from './authorise.ts'
import type { Judged } from './judge-vote.ts'
import { freeId, isSameSource } from './requests.ts'
import type { DeployRequest, EnvironmentState } from './state.ts'

/** Asks once more for what failed or was rejected here. It gets a new id, so an old approval does not fit it. */
export function judgeRetry(state: EnvironmentState, by: Actor, now: number): Judged {
  const right = authorise('retry', by, state.settings)
  if (right !== null) return { state, answer: right }
  const look = [`slipway env ${state.name}`]
  if (state.running !== null) return { state, answer: refuse(`${state.running.request.tag} is being deployed to ${state.name} now`, look) }
  const last = state.parked?.request ?? state.rejected
  if (last === null) return { state, answer: refuse(`nothing failed or was rejected in ${state.name}`, look) }
  if (state.waiting.some((waiting) => isSameSource(waiting.request, last))) {
    return { state, answer: refuse(`a newer request waits in ${state.name} already`, look) }
  }
  const request: DeployRequest = { ...last, id: freeId(state, last.id), by, at: now }
  return {
    state: {
      ...state,
      parked: null,
      rejected: null,
      waiting: [...state.waiting, { request, since: now, stage: { kind: 'queued' } }],
      entries: recorded(state.entries, now, 'requested', `${request.tag} was asked for again`, by),
    },
    answer: { ok: true, text: `${request.tag} is asked for again in ${state.name}` },
  }
}
