import { proxyActivities, setCurrentDetails } from '@temporalio/workflow'
import type { DeployActivities, PlanActivities, Prepared } from '../activities/contract.ts'
import type { PlanInput, PlanResult } from './messages.ts'
import { ASKED_MUCH } from './policies.ts'
import { deployQueue } from './queues.ts'

/** What deploying would change, asked where the environment is deployed from. Changes nothing. */
export async function plan({ project, environment, what, current }: PlanInput): Promise<PlanResult> {
  const { tag } = what.kind === 'candidate' ? what : what.snapshot
  const activities = proxyActivities<DeployActivities & PlanActivities>({ ...ASKED_MUCH, taskQueue: deployQueue(environment) })
  const replaces = current && { epoch: current.epoch, revision: current.snapshot.candidate.revision }
  setCurrentDetails(`${tag} on ${environment}`)
  const prepared: Pick<Prepared, 'snapshot' | 'relation' | 'lacks'> =
    what.kind === 'snapshot'
      ? { snapshot: what.snapshot, relation: null }
      : await activities.prepare.executeWithOptions({ summary: `render ${tag} for ${environment}` }, [
          { project, environment, requestId: `plan of ${tag}`, candidate: what.candidate, tag, replaces },
        ])
  const takeBack = what.kind === 'snapshot' && what.back === true ? { takeBack: true as const } : {}
  const planned = await activities.plan.executeWithOptions({ summary: `what would ${tag} change on ${environment}?` }, [
    { project, environment, snapshot: prepared.snapshot, previous: current?.snapshot ?? null, ...takeBack },
  ])
  const { hash, hooks = [], irreversible = null } = prepared.snapshot
  return {
    snapshotHash: hash,
    relation: prepared.relation,
    lacks: prepared.lacks ?? 0,
    hooks: hooks.map(({ name, when, kind }) => ({ name, when, kind })),
    irreversible,
    planned,
  }
}
