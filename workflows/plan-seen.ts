import { CancellationScope, condition, isCancellation, proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import type { PlanActivities, PlanBrief } from '../activities/contract.ts'
import type { PlanAnswer } from '../domain/environment/plan-seen.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { isPermanent, persist, reasonOf } from './persist.ts'
import { PLAN_SEEN } from './policies.ts'
import { deployQueue } from './queues.ts'
import type { Retry } from './messages.ts'

type Asked = {
  readonly project: string
  readonly environment: string
  readonly snapshot: Snapshot
  /** What was verified there before. */
  readonly previous: Snapshot | null
  /** The plan to hold it against: its digest in the store. */
  readonly seen: string | null
  /** It is a way back. */
  readonly takeBack?: true
}

/** What deploying would change, for those who decide. @returns null when nobody wants it any more */
export async function planBriefly(asked: Asked, isWanted: () => boolean, options: ActivityOptions = PLAN_SEEN): Promise<PlanAnswer | null> {
  try {
    return { ok: true, ...(await ask(asked, isWanted, options)) }
  } catch (error) {
    if (!isCancellation(error)) return { ok: false, reason: reasonOf(error), ...(isPermanent(error) ? { permanent: true } : {}) }
    if (!isWanted()) return null
    throw error
  }
}

/** The same, insisted on: while the target is away it is asked again, and why that is so is told. */
export async function planOrWait(
  asked: Asked,
  isWanted: () => boolean,
  onRetry: (retry: Retry | null) => void,
): Promise<PlanAnswer | null> {
  try {
    const planned = await persist(() => ask(asked, isWanted, PLAN_SEEN), { onRetry, wanted: isWanted })
    if (planned.ok) return { ok: true, ...planned.value }
    return planned.failure === null ? null : { ok: false, reason: planned.failure.reason, permanent: true }
  } catch (error) {
    if (isCancellation(error) && !isWanted()) return null
    throw error
  }
}

function ask(asked: Asked, isWanted: () => boolean, options: ActivityOptions): Promise<PlanBrief> {
  const { environment, snapshot } = asked
  const { planBriefly: activity } = proxyActivities<PlanActivities>({ ...options, taskQueue: deployQueue(environment) })
  const scope = new CancellationScope()
  const planning = scope.run(() =>
    activity.executeWithOptions({ summary: `what would ${snapshot.tag} change on ${environment}?` }, [asked]),
  )
  void condition(() => !isWanted()).then(() => scope.cancel())
  return planning
}
