import type { EnvironmentSettings } from '../settings.ts'
import { shortSha } from '../revision.ts'
import { recorded } from '../timeline.ts'
import { votesOf } from './approvals.ts'
import { withRejected } from './rejected.ts'
import { closeRequest, setStage } from './requests.ts'
import type { DeployRequest, EnvironmentState, Preparation, WaitingRequest } from './state.ts'
import { vetoOf } from './veto.ts'
import { replaced, whatDiffers } from './what-differs.ts'

/** How the requested revision stands to the one that runs. */
export type Relation = 'same' | 'ahead' | 'behind' | 'diverged'

/** Rendering begins. An approval of what was rendered before lapses, and that is recorded. */
export function beginPreparation(state: EnvironmentState, request: DeployRequest, now: number): EnvironmentState {
  const stage = state.waiting.find((waiting) => waiting.request.id === request.id)?.stage
  const lapses = stage !== undefined && 'preparation' in stage && votesOf(stage).length > 0
  const why = lapses ? `what it replaces has changed: ${replaced(stage.preparation, state.current?.epoch ?? null)}` : ''
  const entries = lapses ? lapsed(state, request, why, now) : state.entries
  return setStage({ ...state, entries }, request.id, { kind: 'preparing', problem: null }, now)
}

/** What follows from a rendered request: it starts, it waits for approval, or it is older than what runs. */
export function absorbPreparation(
  state: EnvironmentState,
  request: DeployRequest,
  prepared: {
    readonly preparation: Preparation
    readonly relation: Relation | null
    /** So many commits of what runs are not in it. */
    readonly lacks: number
    readonly settings: EnvironmentSettings
  },
  now: number,
): EnvironmentState {
  if (!state.waiting.some((waiting) => waiting.request.id === request.id)) return state
  const known = { ...state, settings: prepared.settings }
  const { preparation } = prepared
  const isOlder = request.by.kind === 'automation' && !request.rewritten && prepared.relation === 'behind'
  if (isOlder && known.current !== null && !prepared.settings.guarded) {
    const runsNow = known.current.snapshot.candidate.revision
    const closed = closeRequest(known, request, 'older', `what runs (${shortSha(runsNow)}) contains it already`, null, now)
    // What comes late from develop is nobody's wish any more; QA may want to see an older release all the same.
    return prepared.settings.from === 'release' ? { ...closed, rejected: withRejected(closed.rejected, request) } : closed
  }
  const veto = request.by.kind === 'automation' ? vetoOf(known, preparation.snapshot) : null
  if (veto !== null) {
    const reason = `it is vetoed here since epoch ${veto.epoch} (${veto.reason}); slipway retry ${state.name} asks for it all the same`
    return { ...closeRequest(known, request, 'vetoed', reason, null, now), rejected: withRejected(known.rejected, request) }
  }
  const stage = known.waiting.find((waiting) => waiting.request.id === request.id)?.stage
  const entries = stage?.kind === 'ready' ? lapsed(known, request, notApproved(stage.preparation, preparation), now) : known.entries
  return setStage({ ...known, entries }, request.id, nextStage(known, request, prepared), now)
}

/** A guarded environment does not go a step back by accident: what lacks something of what runs there is held. */
function nextStage(
  state: EnvironmentState,
  request: DeployRequest,
  { preparation, relation, lacks, settings }: Parameters<typeof absorbPreparation>[2],
): WaitingRequest['stage'] {
  if (!settings.guarded) return { kind: 'ready', preparation, approval: null, problem: null }
  const override = state.waiting.find((waiting) => waiting.request.id === request.id)?.override
  const isOverridden = override !== undefined && override.replacesEpoch === preparation.replacesEpoch
  const isStepBack = state.current !== null && (relation === 'behind' || relation === 'diverged') && lacks > 0
  if (isStepBack && !isOverridden) return { kind: 'held', preparation, lacks: { tag: state.current.tag, commits: lacks } }
  return { kind: 'awaitingApproval', preparation }
}

function lapsed(state: EnvironmentState, request: DeployRequest, why: string, now: number) {
  return recorded(state.entries, now, 'lapsed', `${request.tag}: its approval lapsed, ${why}`)
}

/** Who approved is told what came between: both snapshots are there. */
function notApproved(approved: Preparation, preparation: Preparation): string {
  const differing = whatDiffers(approved, preparation)
  const names = differing.slice(0, NAMED).join(', ')
  const more = differing.length > NAMED ? ` and ${differing.length - NAMED} more` : ''
  return `what would be deployed is not what was approved${names === '' ? '' : `: ${names}${more}`}`
}

const NAMED = 8

/** A request that cannot be rendered is parked: nothing was changed on the target. */
export function absorbUnpreparable(state: EnvironmentState, request: DeployRequest, reason: string, now: number): EnvironmentState {
  if (!state.waiting.some((waiting) => waiting.request.id === request.id)) return state
  const closed = closeRequest(state, request, 'failed', reason, null, now)
  return {
    ...closed,
    parked: { request, epoch: null, target: 'intact', step: 'prepare', reason, observed: [], log: null, since: now },
  }
}
