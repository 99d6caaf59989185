import { CancellationScope, condition, isCancellation, proxyActivities } from '@temporalio/workflow'
import type { PlanActivities } from '../activities/contract.ts'
import type { PlanAnswer } from '../domain/environment/plan-seen.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { reasonOf } from './persist.ts'
import { PLAN_SEEN } from './policies.ts'
import { deployQueue } from './queues.ts'

type Asked = {
  readonly project: string
  readonly environment: string
  readonly snapshot: Snapshot
  /** What was verified there before. */
  readonly previous: Snapshot | null
  /** The plan to hold it against: its digest in the store. */
  readonly seen: string | null
}

/** What deploying would change, for those who approve. @returns null when nobody wants it any more */
export async function planBriefly(asked: Asked, isWanted: () => boolean): Promise<PlanAnswer | null> {
  const { environment, snapshot } = asked
  const { planBriefly: activity } = proxyActivities<PlanActivities>({ ...PLAN_SEEN, taskQueue: deployQueue(environment) })
  const scope = new CancellationScope()
  const planning = scope.run(() =>
    activity.executeWithOptions({ summary: `what would ${snapshot.tag} change on ${environment}?` }, [asked]),
  )
  void condition(() => !isWanted()).then(() => scope.cancel())
  try {
    return { ok: true, ...(await planning) }
  } catch (error) {
    if (!isCancellation(error)) return { ok: false, reason: reasonOf(error) }
    if (!isWanted()) return null
    throw error
  }
}
