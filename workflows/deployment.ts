import { setCurrentDetails } from '@temporalio/workflow'
import type { DeploymentReport } from '../domain/environment/deployments.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { openDesk, type Desk, type Ended, type Failure } from './deployment-desk.ts'
import { environmentId } from './ids.ts'
import { deploymentReportSignal } from './messages.ts'
import { reportBack } from './report-back.ts'

export type DeploymentInput = {
  readonly project: string
  readonly environment: string
  readonly epoch: number
  readonly snapshot: Snapshot
  /** What was verified there before: what a failure goes back to. Null at the first deployment. */
  readonly previous: Snapshot | null
  /** True for a way back: its hooks have run when it came here first. */
  readonly back?: boolean
  /** The number under which its digests keep a name in the registry once it is verified. */
  readonly keep?: number
  /** Set where words have to be signed: what a person decides about it is heard here, too, and not taken on trust. */
  readonly heard?: EnvironmentSettings
  /** What signed words have used up before it began, but those of ways back that still wait. */
  readonly nonces?: readonly string[]
}

/**
 * Puts one snapshot on one environment: hooks, apply, follow the rollout, check health, hooks. What fails there is replaced by
 * what ran before; what a machine cannot decide waits for a person.
 */
export async function deployment(input: DeploymentInput): Promise<DeploymentReport> {
  const desk = openDesk(input)
  setCurrentDetails(`${input.snapshot.tag} as epoch ${input.epoch}`)
  const report = await desk.untilStoodDown(() => carryOut(input, desk))
  return reportBack(environmentId(input.project, input.environment), deploymentReportSignal, report)
}

async function carryOut(input: DeploymentInput, desk: Desk): Promise<DeploymentReport> {
  const before = await runHooks(input, desk, 'before')
  return before.ok ? await putThere(input, desk) : desk.failed(before.failure, 'intact')
}

/** @param run the first, or as often as a person said that it shall be tried again */
async function putThere(input: DeploymentInput, desk: Desk, run = 1): Promise<DeploymentReport> {
  const put = await desk.put(input.snapshot, input.previous, 'applying', 'verifying', run)
  if (!put.ok) return await goBack(input, desk, put.failure, run)

  const after = await runHooks(input, desk, 'after')
  if (!after.ok) return after.restore ? await restore(input, desk, after.failure) : desk.failed(after.failure, 'broken')

  const kept = await desk.keep()
  return { epoch: input.epoch, kind: 'verified', observed: [...put.observed, ...after.observed, ...kept.observed], ...kept.as }
}

/** One after another. What does not end well waits for a person's word. */
async function runHooks({ snapshot, back }: DeploymentInput, desk: Desk, when: 'before' | 'after'): Promise<Ended & { restore?: boolean }> {
  const observed: string[] = []
  const hooks = back === true ? [] : (snapshot.hooks ?? []).filter((hook) => hook.when === when)
  for (const hook of hooks) {
    for (let run = 1; ; run++) {
      const ran = await desk.runHook(hook, run)
      if (ran.ok) {
        observed.push(...ran.observed)
        break
      }
      if (ran.failure.type === 'GivenUp' || ran.failure.type === 'Fenced') return ran
      const choice = await desk.halt(ran.failure, hook.name, [
        'retry',
        'skip',
        'abort',
        ...(when === 'after' ? (['rollback'] as const) : []),
      ])
      if (choice === 'skip') break
      if (choice !== 'retry') return { ...ran, restore: choice === 'rollback' }
    }
  }
  return { ok: true, observed }
}

/** What was applied and is no good is replaced by what ran before, unless something was done that this would not undo. */
async function goBack(input: DeploymentInput, desk: Desk, failure: Failure, run: number): Promise<DeploymentReport> {
  if (failure.type === 'GivenUp') return desk.failed(failure, 'broken')
  if (!changedTheTarget(failure)) return desk.failed(failure, 'intact')
  if (input.previous === null) {
    return desk.failed({ ...failure, reason: `${failure.reason}. It was the first deployment: there is nothing to restore` }, 'broken')
  }
  const { irreversible } = input.snapshot
  if (irreversible === undefined || input.back === true || irreversible.name === input.previous.irreversible?.name) {
    return await restore(input, desk, failure)
  }
  const reason = `${failure.reason}. ${input.previous.tag} is not put back by itself, for ${irreversible.name} cannot be taken back: ${irreversible.reason}`
  const choice = await desk.halt({ ...failure, reason }, null, ['retry', 'abort', 'rollback'])
  if (choice === 'abort') return desk.failed({ ...failure, reason }, 'broken')
  return choice === 'retry' ? await putThere(input, desk, run + 1) : await restore(input, desk, failure)
}

/** By the same path as any deployment, and no restore of a restore. */
async function restore(input: DeploymentInput, desk: Desk, failure: Failure): Promise<DeploymentReport> {
  const { previous } = input
  if (previous === null) return desk.failed(failure, 'broken')
  const restored = await desk.put(previous, input.snapshot, 'restoring', 'restoring')
  if (restored.ok) return desk.failed(failure, 'restored')
  return desk.failed(
    { ...failure, reason: `${failure.reason}. Restoring ${previous.tag} failed too: ${restored.failure.reason}` },
    'broken',
  )
}

/** Everything but a failed rollout is refused before the target is changed; what is verified was put there before. */
function changedTheTarget({ step, type }: Failure): boolean {
  return type !== 'Fenced' && (step === 'verifying' || type === 'RolloutFailed')
}
