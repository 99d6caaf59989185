import { actorName } from '../actor.ts'
import { cut } from '../cut.ts'
import { madeOf, type Snapshot } from '../snapshot.ts'
import { nonceOf } from '../statement.ts'
import { recorded } from '../timeline.ts'
import { brokenGlass } from './freeze.ts'
import { boundedPast, seenWhenVerified } from './past.ts'
import { withRejected } from './rejected.ts'
import { closeRequest } from './requests.ts'
import { isSameSource } from './source.ts'
import {
  originOf,
  verifiedHere,
  type Approval,
  type BreakGlass,
  type Crossing,
  type Deployed,
  type DeployRequest,
  type DeploymentStep,
  type EnvironmentState,
  type Halt,
  type Preparation,
  type RolledBack,
  type RunningDeployment,
  type Unconfirmed,
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
  /** It stands still, and says what a person can decide. */
  | ({ readonly epoch: number; readonly kind: 'halted' } & Omit<Halt, 'since'>)
  /** Somebody's word to it did not count. `who`: whom it claims to be from. */
  | {
      readonly epoch: number
      readonly kind: 'denied'
      readonly what: string
      readonly who: string
      readonly reason: string
      readonly nonce?: string
    }
  | { readonly epoch: number; readonly kind: 'verified'; readonly observed: readonly string[]; readonly kept?: number }
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
      /** True when it was ended for a way back. */
      readonly stopped?: boolean
    }

const KEPT_CROSSINGS = 20
const LONGEST_REASON = 2000
const LONGEST_LINE = 300
const LONGEST_NAME = 100

/** Moves a waiting request into the running deployment, under the next epoch. */
export function startDeployment(state: EnvironmentState, waiting: WaitingRequest, preparation: Preparation, now: number): EnvironmentState {
  const epoch = state.epoch + 1
  const approval: Approval | null = waiting.stage.kind === 'ready' ? waiting.stage.approval : null
  // Where the freeze has ended meanwhile, nobody's word was needed.
  const broken = state.freeze?.open === false ? brokenGlass(waiting) : null
  return {
    ...state,
    epoch,
    crossings: crossed(state, waiting.request, preparation.snapshot, epoch),
    waiting: state.waiting.filter((other) => other.request.id !== waiting.request.id),
    running: {
      epoch,
      request: waiting.request,
      preparation,
      approval,
      since: now,
      step: 'starting',
      attempt: 1,
      retry: null,
      ...(state.settings === null ? {} : { guarded: state.settings.guarded }),
      ...(broken === null ? {} : { breakGlass: broken }),
    },
    unconfirmed: broken === null ? state.unconfirmed : [...state.unconfirmed, unconfirmedOf(broken, epoch, waiting.request.tag)],
    entries: recorded(state.entries, now, 'started', `epoch ${epoch}: ${waiting.request.tag}`, waiting.request.by),
  }
}

function unconfirmedOf({ hash: _hash, confirmed: _confirmed, ...word }: BreakGlass, epoch: number, tag: string): Unconfirmed {
  return { ...word, epoch, tag }
}

export function absorbReport(state: EnvironmentState, report: DeploymentReport, now: number): EnvironmentState {
  const running = state.running
  // A report of another epoch is late or forged: the one writer knows what runs.
  if (running === null || running.epoch !== report.epoch) return state
  switch (report.kind) {
    case 'progress': {
      const { halt: _halt, ...moving } = running
      return { ...state, running: { ...moving, step: report.step, attempt: report.attempt, retry: report.retry } }
    }
    case 'halted': {
      const { epoch, kind: _kind, ...halt } = report
      if (running.halt !== undefined && running.halt.number >= halt.number) return state
      const text = `epoch ${epoch}: ${running.request.tag} stands ${spokenStep(halt)}: ${halt.reason}`
      return {
        ...state,
        running: { ...running, step: halt.step, retry: null, halt: { ...halt, ...bounded(halt), since: now } },
        entries: recorded(state.entries, now, 'halted', text),
      }
    }
    case 'denied': {
      const by = { kind: 'person', name: cut(report.who, LONGEST_NAME), verified: false } as const
      const text = `${report.what} of epoch ${report.epoch} was denied: ${report.reason}`
      const told = { ...state, entries: recorded(state.entries, now, 'denied', text, by) }
      // The way back that this word asked for would wait for its end for ever: it is for the person to say it again.
      const back = report.nonce === undefined ? undefined : state.waiting.find(({ word }) => nonceOf(word?.signed) === report.nonce)
      return back === undefined
        ? told
        : closeRequest(told, back.request, 'aborted', `the deployment that runs did not take it: ${report.reason}. Say it again`, null, now)
    }
    case 'verified': {
      const again = putAgain(state, running)
      const rollback = again === null ? wayBack(state, running) : null
      const deployed: Deployed = {
        epoch: running.epoch,
        request: running.request.id,
        askedAt: running.request.at,
        version: running.request.version,
        tag: running.request.tag,
        snapshot: running.preparation.snapshot,
        since: now,
        approval: running.approval,
        ...(running.guarded === undefined ? {} : { guarded: running.guarded }),
        ...(again?.approval ? {} : restsOn(state, running.request)),
        ...(running.preparation.plan?.ok === true ? { plan: running.preparation.plan.whole } : {}),
        signOff: null,
        ...(rollback === null ? {} : { rollback }),
        ...(running.breakGlass === undefined ? {} : { breakGlass: running.breakGlass }),
        ...(report.kept === undefined ? {} : { kept: report.kept }),
        ...seenWhenVerified(report.observed),
        ...again,
      }
      return {
        ...leftBehind(withoutVeto(state, vetoOf(state, deployed.snapshot)), deployed, now),
        running: null,
        parked: null,
        rejected: stillWished(state, running),
        broken: false,
        drift: null,
        current: deployed,
        // What was only put there once more takes no older one's place.
        past: state.current === null || again !== null ? state.past : boundedPast([state.current, ...state.past]),
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
      const isBad = (report.unhealthy === true || report.stopped === true) && running.request.rollback === undefined
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
        crossings: wasBegun(report, snapshot) ? closed.crossings : closed.crossings.filter(({ epoch }) => epoch !== report.epoch),
        broken: report.target === 'broken' || (report.target === 'intact' && state.broken),
        drift: report.target === 'intact' ? state.drift : null,
        parked: {
          request: running.request,
          epoch: running.epoch,
          target: report.target,
          step: report.step,
          ...bounded(report),
          since: now,
        },
      }
    }
    default:
      return report satisfies never
  }
}

/** What is told of a failure, no longer than may be remembered. */
function bounded({ reason, observed, log }: Pick<Halt, 'reason' | 'observed' | 'log'>): Pick<Halt, 'reason' | 'observed' | 'log'> {
  return { reason: cut(reason, LONGEST_REASON), observed: observed.slice(0, 20).map((line) => cut(line, LONGEST_LINE)), log }
}

/** At which step of a deployment it stands, for a person. */
export function spokenStep({ step, hook }: Pick<Halt, 'step' | 'hook'>): string {
  return hook === null ? `at ${step}` : `at the hook ${hook}, ${step} the deployment`
}

/** What cannot be taken back counts from when it may have begun. A way back begins nothing: its hooks do not run. */
function crossed(
  state: EnvironmentState,
  { rollback, tag }: DeployRequest,
  { irreversible }: Snapshot,
  epoch: number,
): readonly Crossing[] {
  const known = state.crossings.some(({ name }) => name === irreversible?.name)
  if (irreversible === undefined || rollback !== undefined || known) return state.crossings
  return [...state.crossings, { ...irreversible, epoch, tag }].slice(-KEPT_CROSSINGS)
}

/** False when it is certain that nothing of it was begun: no hook before it, and the target is as it was. */
function wasBegun({ target }: { readonly target: string }, { hooks = [] }: Snapshot): boolean {
  return target !== 'intact' || hooks.some(({ when }) => when === 'before')
}

/** What failed before can still be asked for again, also when a way back was tried meanwhile, unless this took its place. */
function stillWished({ parked, rejected }: EnvironmentState, { request }: RunningDeployment): readonly DeployRequest[] {
  const failed = parked?.request
  if (failed === undefined || failed.rollback !== undefined) return rejected
  return request.rollback === undefined && isSameSource(failed, request) ? rejected : withRejected(rejected, failed)
}

/**
 * What drifted was put there once more, byte for byte: nobody went back, and what people said of it still holds. Null for
 * any other deployment.
 */
function putAgain(
  state: EnvironmentState,
  running: RunningDeployment,
): Pick<Deployed, 'approval' | 'signOff' | 'rollback' | 'origin'> | null {
  const left = state.current
  if (left === null || running.request.rollback?.again !== true) return null
  return {
    approval: left.approval,
    signOff: left.signOff,
    origin: originOf(left),
    ...(left.rollback === undefined ? {} : { rollback: left.rollback }),
  }
}

/** What allows a way back: what it brings was approved and verified here once, or ran here before Slipway. */
function restsOn(state: EnvironmentState, { rollback }: DeployRequest): Pick<Deployed, 'rests'> {
  if (rollback === undefined) return {}
  const target = verifiedHere(state).find(({ epoch }) => epoch === rollback.epoch)
  const rests = target?.approval ?? target?.rests ?? (target?.adopted === true ? 'adopted' : undefined)
  return rests === undefined ? {} : { rests }
}

/** What a rollback leaves; null for any other deployment. */
function wayBack(state: EnvironmentState, running: RunningDeployment): RolledBack | null {
  const { rollback, by } = running.request
  const left = state.current
  if (rollback === undefined || left === null) return null
  const target = verifiedHere(state).find(({ epoch }) => epoch === rollback.epoch)
  const origin = target === undefined ? rollback.epoch : originOf(target)
  return { fromEpoch: left.epoch, fromTag: left.tag, fromVersion: left.version, by, reason: rollback.reason, origin }
}

/** What somebody rolled back from is not brought back by automation. */
function leftBehind(state: EnvironmentState, deployed: Deployed, now: number): EnvironmentState {
  const left = state.current
  if (deployed.rollback === undefined || left === null || firstEpoch(state, left) <= firstEpoch(state, deployed)) return state
  const reason = cut(`rolled back by ${actorName(deployed.rollback.by)}: ${deployed.rollback.reason}`, LONGEST_LINE)
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
  // Nothing of it was begun.
  const unconfirmed = state.unconfirmed.filter((other) => other.epoch !== running.epoch)
  const found = { ...state, epoch, running: null, unconfirmed, entries }
  const [backs, others] = [state.waiting.filter(isBack), state.waiting.filter((waiting) => !isBack(waiting))]
  const newer = others.find((waiting) => isSameSource(waiting.request, request))
  if (newer !== undefined) return closeRequest(found, request, 'superseded', `${newer.request.tag} was asked for after it`, null, now)
  const again: WaitingRequest = {
    request,
    since: now,
    stage: { kind: 'ready', preparation, approval, problem: null },
    ...(running.breakGlass === undefined ? {} : { breakGlass: running.breakGlass }),
  }
  return { ...found, waiting: [...backs, again, ...others] }
}

function isBack({ request }: WaitingRequest): boolean {
  return request.rollback !== undefined
}
