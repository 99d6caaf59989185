import { proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow'
import type { DeployActivities, DeployInput } from '../activities/contract.ts'
import type { DeploymentReport } from '../domain/environment/deployments.ts'
import type { DeploymentStep } from '../domain/environment/state.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { environmentId } from './ids.ts'
import { areYouThereSignal, deploymentReportSignal, giveUpSignal, type Retry } from './messages.ts'
import { persist, type Permanent } from './persist.ts'
import { APPLY, VERIFY } from './policies.ts'
import { openPost } from './post.ts'
import { deployQueue } from './queues.ts'
import { reportBack } from './report-back.ts'

export type DeploymentInput = {
  readonly project: string
  readonly environment: string
  readonly epoch: number
  readonly snapshot: Snapshot
  /** What was verified there before: what a failure goes back to. Null at the first deployment. */
  readonly previous: Snapshot | null
}

/** Puts one snapshot on one environment: apply, follow the rollout, check health; on failure what ran before runs again. */
export async function deployment(input: DeploymentInput): Promise<DeploymentReport> {
  const deploy = openDeploy(input)
  const report = (result: DeploymentReport) => reportBack(environmentId(input.project, input.environment), deploymentReportSignal, result)
  setHandler(areYouThereSignal, () => undefined)
  setCurrentDetails(`${input.snapshot.tag} as epoch ${input.epoch}`)

  const put = await deploy.put(input.snapshot, input.previous, 'applying', 'verifying')
  if (put.ok) return report({ epoch: input.epoch, kind: 'verified', observed: put.observed })

  const failure = {
    epoch: input.epoch,
    kind: 'failed',
    step: put.step,
    reason: put.failure.reason,
    observed: observedOf(put.failure),
    log: logOf(put.failure),
    heldEpoch: heldEpochOf(put.failure),
    unhealthy: put.step === 'verifying' && put.failure.type === 'RolloutFailed' && put.failure !== GIVEN_UP,
  } as const
  if (put.failure === GIVEN_UP) return report({ ...failure, target: 'broken' })
  if (!changedTheTarget(put)) return report({ ...failure, target: 'intact' })
  if (input.previous === null)
    return report({ ...failure, target: 'broken', reason: `${failure.reason}. It was the first deployment: there is nothing to restore` })

  const restored = await deploy.put(input.previous, input.snapshot, 'restoring', 'restoring')
  if (restored.ok) return report({ ...failure, target: 'restored' })
  return report({
    ...failure,
    target: 'broken',
    reason: `${failure.reason}. Restoring ${input.previous.tag} failed too: ${restored.failure.reason}`,
  })
}

type Put =
  | { readonly ok: true; readonly observed: readonly string[] }
  | { readonly ok: false; readonly step: DeploymentStep; readonly failure: Permanent }

/** The attempt grows with every try of this epoch, a restore included: the target refuses whatever is older. */
function openDeploy(input: DeploymentInput) {
  const taskQueue = deployQueue(input.environment)
  const { apply } = proxyActivities<DeployActivities>({ ...APPLY, taskQueue })
  const { verify } = proxyActivities<DeployActivities>({ ...VERIFY, taskQueue })
  const post = openPost()
  let attempt = 0
  let wanted = true
  const isWanted = () => wanted
  setHandler(giveUpSignal, () => {
    wanted = false
  })
  const tell = (step: DeploymentStep, retry: Retry | null) => {
    const report: DeploymentReport = {
      epoch: input.epoch,
      kind: 'progress',
      step,
      attempt,
      retry: retry === null ? null : { reason: retry.reason, at: retry.at },
    }
    post.send(environmentId(input.project, input.environment), deploymentReportSignal, report)
  }
  const onRetry = (step: DeploymentStep) => {
    let told = false
    return (retry: Retry | null) => {
      if (retry !== null || told) tell(step, retry)
      told = retry !== null
    }
  }
  return {
    put: async (snapshot: Snapshot, previous: Snapshot | null, applying: DeploymentStep, verifying: DeploymentStep): Promise<Put> => {
      const { project, environment, epoch } = input
      if (applying === 'restoring') tell(applying, null)
      const applied = await persist(
        () => {
          attempt++
          const act: DeployInput = { project, environment, fence: { epoch, attempt }, snapshot, previous }
          return apply.executeWithOptions(
            {
              summary: `${applying === 'restoring' ? 'restore' : 'put'} ${snapshot.tag} on ${environment}, epoch ${epoch}, attempt ${attempt}`,
            },
            [act],
          )
        },
        { onRetry: onRetry(applying), wanted: isWanted },
      )
      if (!applied.ok) return { ok: false, step: applying, failure: applied.failure ?? GIVEN_UP }
      tell(verifying, null)
      const act: DeployInput = { project, environment, fence: { epoch, attempt }, snapshot, previous }
      const verified = await persist(
        () => verify.executeWithOptions({ summary: `is ${snapshot.tag} running and healthy on ${environment}?` }, [act]),
        {
          onRetry: onRetry(verifying),
          wanted: isWanted,
        },
      )
      if (!verified.ok) return { ok: false, step: verifying, failure: verified.failure ?? GIVEN_UP }
      return { ok: true, observed: verified.value.observed }
    },
  }
}

const GIVEN_UP: Permanent = {
  type: 'RolloutFailed',
  reason: 'it could not be done for a while, and was given up for what was asked for after it',
  details: null,
}

/** Everything but a failed rollout is refused before the target is changed; what is verified was put there before. */
function changedTheTarget({ step, failure }: { step: DeploymentStep; failure: Permanent }): boolean {
  return failure.type !== 'Fenced' && (step === 'verifying' || failure.type === 'RolloutFailed')
}

function observedOf(failure: Permanent): string[] {
  const details = failure.details as { observed?: string[] } | null
  return (details?.observed ?? []).slice(0, 20)
}

function heldEpochOf(failure: Permanent): number | null {
  const details = failure.details as { held?: { epoch?: number } } | null
  return failure.type === 'Fenced' ? (details?.held?.epoch ?? null) : null
}

function logOf(failure: Permanent): string | null {
  const details = failure.details as { log?: { digest?: string } | null } | null
  return details?.log?.digest ?? null
}
