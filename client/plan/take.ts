import type { PlannedChange } from '../../activities/contract.ts'
import type { EnvironmentState } from '../../domain/environment/state.ts'
import { canTell } from '../../domain/settings.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import { inTime } from '../in-time.ts'
import { refused } from '../exit.ts'
import { composePlan, type Plan } from '../json/plan.ts'
import type { Slipway } from '../typed/slipway.ts'
import type { Planning } from './choose.ts'

/** What deploying it would change, asked of the target; long plans are read from the store. */
export async function takePlan(slipway: Slipway, state: EnvironmentState, planning: Planning): Promise<Plan> {
  const { name, current, settings } = state
  if (settings !== null && !canTell(settings, 'plan')) {
    throw refused(`a plan of ${name} is not available for a script target: only the script knows what it does`, [`slipway env ${name}`])
  }
  const what =
    planning.kind === 'snapshot'
      ? { kind: planning.kind, snapshot: planning.snapshot, ...(planning.back === true ? { back: planning.back } : {}) }
      : { kind: planning.kind, candidate: planning.candidate, tag: planning.tag }
  const result = await slipway.plan({
    environment: name,
    what,
    current: current && { epoch: current.epoch, snapshot: current.snapshot },
  })
  const { planned } = result
  const changes = planned.complete ? planned.changes : await readPlan(slipway, planned.whole.digest)
  return composePlan(slipway.project, state, planning, { ...result, changes })
}

/** As takePlan, of a way back; a sentence where it cannot be had, or not in time. Never in the way of anything. */
export async function planSnapshot(
  slipway: Slipway,
  state: EnvironmentState,
  wanted: { readonly snapshot: Snapshot; readonly withinMs: number },
): Promise<Plan | string> {
  if (state.running !== null) return `${state.running.request.tag} is being deployed there, and what will be there then is not known`
  return inTime(takePlan(slipway, state, { kind: 'snapshot', snapshot: wanted.snapshot, request: null, back: true }), wanted.withinMs)
}

/** The whole of a plan that is kept, by its digest in the store. */
export async function readPlan(slipway: Slipway, digest: string): Promise<readonly PlannedChange[]> {
  let text = ''
  for (let offset: number | null = 0; offset !== null;) {
    const page = await slipway.readLog(digest, offset)
    text += page.text
    offset = page.nextOffset
  }
  return (JSON.parse(text) as { changes: PlannedChange[] }).changes
}
