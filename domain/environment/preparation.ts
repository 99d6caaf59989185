import type { EnvironmentSettings } from '../settings.ts'
import { shortSha } from '../revision.ts'
import { recorded } from '../timeline.ts'
import { closeRequest, setStage } from './requests.ts'
import type { DeployRequest, EnvironmentState, Preparation } from './state.ts'

/** How the requested revision stands to the one that runs. */
export type Relation = 'same' | 'ahead' | 'behind' | 'diverged'

/** What follows from a rendered request: it starts, it waits for approval, or it is older than what runs. */
export function absorbPreparation(
  state: EnvironmentState,
  request: DeployRequest,
  prepared: { readonly preparation: Preparation; readonly relation: Relation | null; readonly settings: EnvironmentSettings },
  now: number,
): EnvironmentState {
  if (!state.waiting.some((waiting) => waiting.request.id === request.id)) return state
  const known = { ...state, settings: prepared.settings }
  const { preparation } = prepared
  if (request.by.kind === 'automation' && prepared.relation === 'behind' && known.current !== null && !prepared.settings.guarded) {
    const runsNow = known.current.snapshot.candidate.revision
    return closeRequest(known, request, 'older', `what runs (${shortSha(runsNow)}) contains it already`, null, now)
  }
  const lapsed = known.waiting.some((waiting) => waiting.request.id === request.id && waiting.stage.kind === 'ready')
  const entries = lapsed ? recorded(known.entries, now, 'lapsed', `${request.tag}: what it replaces has changed`) : known.entries
  const stage = prepared.settings.guarded
    ? ({ kind: 'awaitingApproval', preparation } as const)
    : ({ kind: 'ready', preparation, approval: null } as const)
  return setStage({ ...known, entries }, request.id, stage, now)
}

/** A request that cannot be rendered is parked: nothing was changed on the target. */
export function absorbUnpreparable(state: EnvironmentState, request: DeployRequest, reason: string, now: number): EnvironmentState {
  if (!state.waiting.some((waiting) => waiting.request.id === request.id)) return state
  const closed = closeRequest(state, request, 'failed', reason, null, now)
  return {
    ...closed,
    parked: { request, epoch: null, target: 'intact', step: 'prepare', reason, observed: [], log: null, since: now },
  }
}
