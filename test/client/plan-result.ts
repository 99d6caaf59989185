import type { PlannedChange } from '../../activities/contract.ts'
import { limited } from '../../activities/plan/limit.ts'
import type { PlanResult } from '../../workflows/messages.ts'

/** What the plan workflow answers, made of these changes. */
export function planResult(changes: readonly PlannedChange[], more: Partial<PlanResult> = {}): PlanResult {
  const whole = { digest: `sha256:${'7'.repeat(64)}`, bytes: 1 }
  const planned = { ...limited(changes), whole, basis: '8'.repeat(64) }
  return { snapshotHash: '5'.repeat(64), relation: null, lacks: 0, hooks: [], irreversible: null, planned, ...more }
}
