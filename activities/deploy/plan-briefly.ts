import { ApplicationFailure } from '@temporalio/common'
import type { Digest } from '../../domain/digest.ts'
import type { PlanActivities, PlannedChange } from '../contract.ts'
import { otherwise, removals, unseenRemovals } from '../plan/compare.ts'
import { countsOf } from '../plan/limit.ts'
import type { DeployDeps } from './activities.ts'
import { planWhole } from './plan.ts'

/** As a plan, told in short, and held against the one that somebody was shown. */
export function createPlanBriefly(deps: DeployDeps): PlanActivities['planBriefly'] {
  return async (input) => {
    const attempt = deps.attempt()
    const { changes, basis, whole } = await planWhole(deps, input, attempt)
    const seen = input.seen === null ? null : await readPlan(deps, input.seen, attempt.signal)
    return {
      counts: countsOf(changes),
      whole,
      basis,
      removals: removals(changes),
      unseen: unseenRemovals(seen, changes),
      otherwise: seen === null ? null : otherwise(seen, changes),
    }
  }
}

/** A plan that the store does not have any more was shown to nobody who could be asked: null. */
async function readPlan(deps: DeployDeps, digest: Digest, signal: AbortSignal): Promise<readonly PlannedChange[] | null> {
  try {
    const { changes } = JSON.parse((await deps.store.get(digest, signal)).toString('utf8')) as { changes: PlannedChange[] }
    return changes
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'NotFound') return null
    throw error
  }
}
