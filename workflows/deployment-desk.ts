import { CancellationScope, condition, isCancellation, proxyActivities, setHandler } from '@temporalio/workflow'
import type { DeployActivities, DeployInput, Fence, HookActivities, HookInput, PermanentFailure } from '../activities/contract.ts'
import type { DeploymentReport } from '../domain/environment/deployments.ts'
import type { Choice, DeploymentStep } from '../domain/environment/state.ts'
import { identityOf, type Snapshot, type SnapshotHook } from '../domain/snapshot.ts'
import type { DeploymentInput } from './deployment.ts'
import { openDeploymentWords } from './deployment-words.ts'
import { environmentId } from './ids.ts'
import { keepDigests } from './keep.ts'
import {
  areYouThereSignal,
  deploymentReportSignal,
  giveUpSignal,
  resolutionSignal,
  standDownSignal,
  type Resolution,
  type Retry,
  type StandDown,
} from './messages.ts'
import { persist, type Outcome, type Permanent } from './persist.ts'
import { APPLY, HOOK, KEEP, VERIFY } from './policies.ts'
import { openPost } from './post.ts'
import { deployQueue } from './queues.ts'
import { resolution as readResolution, standDown as readStandDown } from './readers/deployment.ts'
import { machine } from './readers/hear-machine.ts'

/** Why a step did not end well. `GivenUp`: it could not be done for a while, and something newer waits. */
export type Failure = {
  readonly type: PermanentFailure | 'GivenUp'
  readonly step: DeploymentStep
  readonly reason: string
  readonly details: unknown
}

export type Ended = { readonly ok: true; readonly observed: readonly string[] } | { readonly ok: false; readonly failure: Failure }

export type Desk = ReturnType<typeof openDesk>

/** What a deployment can do, each step tried until it is decided, and told to its environment on the way. */
export function openDesk(input: DeploymentInput) {
  const { project, environment, epoch } = input
  const taskQueue = deployQueue(environment)
  const { apply } = proxyActivities<DeployActivities>({ ...APPLY, taskQueue })
  const { verify } = proxyActivities<DeployActivities>({ ...VERIFY, taskQueue })
  const post = openPost()
  /** Grows with every try of this epoch, a restore included: the target refuses whatever is older. */
  let attempt = 0
  const fence = (): Fence => ({ epoch, attempt, identity: identityOf(input.snapshot) })
  let wanted = true
  let touched = false
  let halts = 0
  let resolution: Resolution | null = null
  let stoodDown: string | null = null
  /** What it said when it stopped at a step, for as long as it stands there. */
  let standing: DeploymentReport | null = null
  const scope = new CancellationScope()

  setHandler(areYouThereSignal, () => undefined)
  setHandler(giveUpSignal, () => {
    wanted = false
  })
  const decide = (decided: Resolution) => {
    resolution = decided
  }
  const end = ({ reason }: StandDown) => {
    stoodDown ??= reason
    scope.cancel()
  }
  const { heard } = input
  const words =
    heard === undefined
      ? null
      : openDeploymentWords(input, heard, {
          decide,
          end,
          deny: (denial) => {
            send({ epoch, kind: 'denied', ...denial })
            // Its environment took it for decided.
            if (standing !== null) send(standing)
          },
        })
  setHandler(resolutionSignal, machine(resolutionSignal, readResolution, words?.hearResolution ?? decide))
  setHandler(standDownSignal, machine(standDownSignal, readStandDown, words?.hearStandDown ?? end))

  const send = (report: DeploymentReport) => post.send(environmentId(project, environment), deploymentReportSignal, report)
  const tell = (step: DeploymentStep, retry: Retry | null) =>
    send({ epoch, kind: 'progress', step, attempt, retry: retry === null ? null : { reason: retry.reason, at: retry.at } })
  const onRetry = (step: DeploymentStep) => {
    let told = false
    return (retry: Retry | null) => {
      if (retry !== null || told) tell(step, retry)
      told = retry !== null
    }
  }
  // What was verified comes back as it was, whoever decides its fields by now: a way back that somebody's hand stops is none.
  const takingBack = (step: DeploymentStep) => (input.back === true || step === 'restoring' ? { takeBack: true as const } : {})
  const insist = <T>(step: DeploymentStep, work: () => Promise<T>): Promise<Outcome<T>> =>
    // What ran before is put back, whatever waits.
    persist(work, { onRetry: onRetry(step), wanted: () => wanted || step === 'restoring' })

  return {
    /** Does the work, until somebody goes back to something else: then what is under way is ended first. */
    untilStoodDown: async (work: () => Promise<DeploymentReport>): Promise<DeploymentReport> => {
      try {
        return await scope.run(work)
      } catch (error) {
        if (stoodDown === null || !isCancellation(error)) throw error
        const failure: Failure = { type: 'GivenUp', step: 'applying', reason: `it was ended: ${stoodDown}`, details: null }
        return { ...failed(epoch, failure, touched ? 'broken' : 'intact'), stopped: true }
      }
    },

    put: async (
      snapshot: Snapshot,
      previous: Snapshot | null,
      applying: DeploymentStep,
      verifying: DeploymentStep,
      run = 1,
    ): Promise<Ended> => {
      if (applying === 'restoring') tell(applying, null)
      const applied = await insist(applying, () => {
        attempt++
        touched = true
        const again = run === 1 ? {} : { run }
        const act: DeployInput = { project, environment, fence: fence(), snapshot, previous, ...takingBack(applying), ...again }
        const summary = `${applying === 'restoring' ? 'restore' : 'put'} ${snapshot.tag} on ${environment}, epoch ${epoch}, attempt ${attempt}`
        return apply.executeWithOptions({ summary }, [act])
      })
      if (!applied.ok) return { ok: false, failure: failureOf(applied.failure, applying) }
      tell(verifying, null)
      const act: DeployInput = { project, environment, fence: fence(), snapshot, previous }
      const verified = await insist(verifying, () =>
        verify.executeWithOptions({ summary: `is ${snapshot.tag} running and healthy on ${environment}?` }, [act]),
      )
      if (!verified.ok) return { ok: false, failure: failureOf(verified.failure, verifying) }
      return { ok: true, observed: verified.value.observed }
    },

    runHook: async (hook: SnapshotHook, run: number): Promise<Ended> => {
      const { runHook } = proxyActivities<HookActivities>({ ...HOOK, taskQueue })
      tell(hook.when, null)
      const ran = await insist(hook.when, () => {
        attempt++
        const act: HookInput = { project, environment, fence: fence(), snapshot: input.snapshot, hook, run }
        const again = run === 1 ? '' : `, run ${run}`
        return runHook.executeWithOptions({ summary: `hook ${hook.name} ${hook.when} ${input.snapshot.tag}, epoch ${epoch}${again}` }, [
          act,
        ])
      })
      return ran.ok
        ? { ok: true, observed: ran.value.observed.map((line) => `hook ${hook.name}: ${line}`) }
        : { ok: false, failure: failureOf(ran.failure, hook.when) }
    },

    /** Stands still until a person decides, or something newer takes its place where nobody has to approve. */
    halt: async (failure: Failure, hook: string | null, choices: readonly Choice[]): Promise<Choice> => {
      const number = ++halts
      const { step, reason } = failure
      standing = { epoch, kind: 'halted', number, step, hook, reason, observed: observedOf(failure), log: logOf(failure), choices }
      send(standing)
      await condition(() => resolution?.halt === number || !wanted)
      standing = null
      const choice = resolution?.halt === number ? resolution.choice : 'abort'
      if (choice === 'retry') tell(step, null)
      return choice
    },

    /** The snapshot can be gone back to for as long as its digests are there: they get a name that a clean-up leaves alone. */
    keep: async (): Promise<{ observed: readonly string[]; as: { kept?: number } }> => {
      // An environment of an earlier version gives no number.
      if (input.keep === undefined) return { observed: [], as: {} }
      const { candidate, tag } = input.snapshot
      const kept = await keepDigests({ project, environment, candidate, tag, number: input.keep }, KEEP)
      return typeof kept === 'number' ? { observed: [], as: { kept } } : { observed: [kept.problem], as: {} }
    },

    failed: (failure: Failure, target: 'intact' | 'restored' | 'broken') => failed(epoch, failure, target),
  }
}

function failed(epoch: number, failure: Failure, target: 'intact' | 'restored' | 'broken') {
  return {
    epoch,
    kind: 'failed' as const,
    step: failure.step,
    reason: failure.reason,
    observed: observedOf(failure),
    log: logOf(failure),
    heldEpoch: heldEpochOf(failure),
    unhealthy: failure.step === 'verifying' && failure.type === 'RolloutFailed' && !isInfrastructure(failure),
    target,
  }
}

/** The cluster had no room for it: that says nothing against what was to be deployed. */
function isInfrastructure(failure: Failure): boolean {
  const details = failure.details as { infrastructure?: boolean } | null
  return details?.infrastructure === true
}

function failureOf(permanent: Permanent | null, step: DeploymentStep): Failure {
  if (permanent !== null) return { ...permanent, step }
  const reason = 'it could not be done for a while, and was given up for what was asked for after it'
  return { type: 'GivenUp', step, reason, details: null }
}

function observedOf(failure: Failure): string[] {
  const details = failure.details as { observed?: string[] } | null
  return (details?.observed ?? []).slice(0, 20)
}

function heldEpochOf(failure: Failure): number | null {
  const details = failure.details as { held?: { epoch?: number } } | null
  return failure.type === 'Fenced' ? (details?.held?.epoch ?? null) : null
}

function logOf(failure: Failure): string | null {
  const details = failure.details as { log?: { digest?: string } | null } | null
  return details?.log?.digest ?? null
}
