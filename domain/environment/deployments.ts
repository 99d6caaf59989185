import { cut } from '../cut.ts'
import { madeOf } from '../snapshot.ts'
import { recorded } from '../timeline.ts'
import { closeRequest, isSameSource } from './requests.ts'
import {
  verifiedHere,
  type Approval,
  type Deployed,
  type DeployRequest,
  type DeploymentStep,
  type EnvironmentState,
  type Preparation,
  type RolledBack,
  type RunningDeployment,
  type WaitingRequest,
} from './state.ts'
import { vetoed, vetoOf, withoutVeto } from './veto.ts'

/** What a deployment says of itself while it runs, and at its end. */
export type DeploymentReport =
  | {
      readonly epoch: number
      readonly kind: 'progress'
      readonly step: DeploymentStep
      readonly attempt: number
      readonly retry: { readonly reason: string; readonly at: number } | null
    }
  | { readonly epoch: number; readonly kind: 'verified'; readonly observed: readonly string[] }
  | {
      readonly epoch: number
      readonly kind: 'failed'
      readonly target: 'intact' | 'restored' | 'broken'
      readonly step: DeploymentStep
      readonly reason: string
      readonly observed: readonly string[]
      readonly log: string | null
      /** The epoch that the target holds, where it refused this one as older. */
      readonly heldEpoch: number | null
      /** True when it was put there and did not become healthy: its snapshot is vetoed. */
      readonly unhealthy?: boolean
    }

/** What is kept of the past must fit into a message: so many snapshots, and so many bytes of them. */
const KEPT_PAST = 10
const KEPT_PAST_BYTES = 24_000
const LONGEST_REASON = 2000
const LONGEST_LINE = 300

/** Moves a waiting request into the running deployment, under the next epoch. */
export function startDeployment(state: EnvironmentState, waiting: WaitingRequest, preparation: Preparation, now: number): EnvironmentState {
  const epoch = state.epoch + 1
  const approval: Approval | null = waiting.stage.kind === 'ready' ? waiting.stage.approval : null
  return {
    ...state,
    epoch,
    waiting: state.waiting.filter((other) => other.request.id !== waiting.request.id),
    running: { epoch, request: waiting.request, preparation, approval, since: now, step: 'starting', attempt: 1, retry: null },
    entries: recorded(state.entries, now, 'started', `epoch ${epoch}: ${waiting.request.tag}`, waiting.request.by),
  }
}

export function absorbReport(state: EnvironmentState, report: DeploymentReport, now: number): EnvironmentState {
  const running = state.running
  // A report of another epoch is late or forged: the one writer knows what runs.
  if (running === null || running.epoch !== report.epoch) return state
  switch (report.kind) {
    case 'progress':
      return { ...state, running: { ...running, step: report.step, attempt: report.attempt, retry: report.retry } }
    case 'verified': {
      const rollback = wayBack(state, running)
      const deployed: Deployed = {
        epoch: running.epoch,
        request: running.request.id,
        askedAt: running.request.at,
        version: running.request.version,
        tag: running.request.tag,
        snapshot: running.preparation.snapshot,
        since: now,
        approval: running.approval,
        signOff: null,
        ...(rollback === null ? {} : { rollback }),
      }
      return {
        ...leftBehind(withoutVeto(state, vetoOf(state, deployed.snapshot)), deployed, now),
        running: null,
        parked: null,
        rejected: stillWished(state, running),
        broken: false,
        current: deployed,
        past: boundedPast(state.current === null ? state.past : [state.current, ...state.past]),
        entries: recorded(
          leftBehind(state, deployed, now).entries,
          now,
          'verified',
          `epoch ${running.epoch}: ${running.request.tag} runs${rollback === null ? '' : ` again, instead of ${rollback.fromTag}`}`,
        ),
      }
    }
    case 'failed': {
      if (report.heldEpoch !== null && report.heldEpoch >= running.epoch) return goOnFrom(state, running, report.heldEpoch, now)
      const { snapshot } = running.preparation
      // A way back that fails says nothing against what was verified before.
      const isBad = report.unhealthy === true && running.request.rollback === undefined
      const judged = isBad
        ? vetoed(state, {
            madeOf: madeOf(snapshot),
            tag: running.request.tag,
            epoch: running.epoch,
            reason: cut(report.reason, LONGEST_LINE),
            at: now,
          })
        : state
      const closed = closeRequest(
        { ...judged, running: null },
        running.request,
        report.target === 'restored' ? 'restored' : 'failed',
        report.reason,
        null,
        now,
      )
      return {
        ...closed,
        rejected: stillWished(state, running),
        broken: report.target === 'broken' || (report.target === 'intact' && state.broken),
        parked: {
          request: running.request,
          epoch: running.epoch,
          target: report.target,
          step: report.step,
          reason: cut(report.reason, LONGEST_REASON),
          observed: report.observed.slice(0, 20).map((line) => cut(line, LONGEST_LINE)),
          log: report.log,
          since: now,
        },
      }
    }
    default:
      return report satisfies never
  }
}

/** What failed before can still be asked for again, also when a way back was tried meanwhile, unless this took its place. */
function stillWished({ parked, rejected }: EnvironmentState, { request }: RunningDeployment): DeployRequest | null {
  const failed = parked?.request
  if (failed === undefined || failed.rollback !== undefined) return rejected
  return request.rollback === undefined && isSameSource(failed, request) ? rejected : failed
}

/** What a rollback leaves; null for any other deployment. */
function wayBack(state: EnvironmentState, running: RunningDeployment): RolledBack | null {
  const { rollback, by } = running.request
  const left = state.current
  if (rollback === undefined || left === null) return null
  return { fromEpoch: left.epoch, fromTag: left.tag, fromVersion: left.version, by, reason: rollback.reason }
}

/** What somebody rolled back from is not brought back by automation. */
function leftBehind(state: EnvironmentState, deployed: Deployed, now: number): EnvironmentState {
  const left = state.current
  if (deployed.rollback === undefined || left === null || firstEpoch(state, left) <= firstEpoch(state, deployed)) return state
  const reason = cut(`rolled back by ${deployed.rollback.by.name}: ${deployed.rollback.reason}`, LONGEST_LINE)
  return vetoed(state, { madeOf: madeOf(left.snapshot), tag: left.tag, epoch: left.epoch, reason, at: now })
}

/** When the same was verified here first: going forth again to what is younger says nothing against the older. */
function firstEpoch(state: EnvironmentState, { snapshot, epoch }: Deployed): number {
  const same = verifiedHere(state).filter((other) => madeOf(other.snapshot) === madeOf(snapshot))
  return Math.min(epoch, ...same.map((other) => other.epoch))
}

/**
 * The target knows more deployments than this workflow does: Temporal's memory of it was lost. The numbering goes on from
 * the target's, and what was asked for (and approved) is tried under the next epoch.
 */
function goOnFrom(state: EnvironmentState, running: RunningDeployment, epoch: number, now: number): EnvironmentState {
  const { request, preparation, approval } = running
  const entries = recorded(state.entries, now, 'epochFound', `the target is at epoch ${epoch} already; the numbering goes on from there`)
  const found = { ...state, epoch, running: null, entries }
  const newer = state.waiting.find((waiting) => isSameSource(waiting.request, request))
  if (newer !== undefined) return closeRequest(found, request, 'superseded', `${newer.request.tag} was asked for after it`, null, now)
  return { ...found, waiting: [{ request, since: now, stage: { kind: 'ready', preparation, approval, problem: null } }, ...state.waiting] }
}

function boundedPast(past: readonly Deployed[]): Deployed[] {
  const kept: Deployed[] = []
  let bytes = 0
  for (const deployed of past.slice(0, KEPT_PAST)) {
    bytes += JSON.stringify(deployed).length
    if (kept.length > 0 && bytes > KEPT_PAST_BYTES) break
    kept.push(deployed)
  }
  return kept
}
