import type { Revision } from '../revision.ts'
import { lackOf } from './judge-override.ts'
import { heldBy, heldWait, spokenHeld } from './lock.ts'
import { reservationOf, reservedBy } from './reservation.ts'
import {
  verifiedHere,
  type ClosedRequest,
  type DeployRequest,
  type EnvironmentState,
  type RolledBack,
  type SignOff,
  type WaitingRequest,
} from './state.ts'

/** What an environment tells a sprint about itself: the whole picture, every time, with a growing sequence. */
export type EnvironmentReport = {
  readonly environment: string
  readonly sequence: number
  /** What is verified there now, whoever asked for it. */
  readonly current: {
    readonly epoch: number
    readonly revision: Revision
    readonly tag: string
    readonly version: string | null
    readonly since: number
    readonly signOff: SignOff | null
    readonly rollback?: RolledBack
  } | null
  /** What this sprint asked for and what became of it, newest last. */
  readonly requests: readonly RequestReport[]
}

export type RequestReport = {
  readonly id: string
  readonly tag: string
  readonly revision: Revision | null
  readonly stage: 'queued' | 'preparing' | 'held' | 'awaitingApproval' | 'approved' | 'deploying' | 'parked' | ClosedRequest['outcome']
  readonly since: number
  /** The hash to approve, where it waits for approval. */
  readonly hash: string | null
  readonly reason: string | null
  /** Why it may not begin though nothing is wrong with it: the environment is another sprint's now, or it lacks what runs. */
  readonly hold?: string
  /** Set where a person holds the environment, or a freeze. */
  readonly heldBy?: 'locked' | 'pinned' | 'freeze'
  /** Why its deployment stands still until a person decides. */
  readonly halt?: string
  /** True for a way back to what this sprint released earlier: somebody's wish, and not the sprint's. */
  readonly rollback?: true
}

/** The newest requests of one sprint are enough: older ones were told before. */
const TOLD_REQUESTS = 4

export function reportFor(state: EnvironmentState, version: string | null): EnvironmentReport {
  const { current, running, parked } = state
  const requests: RequestReport[] = [
    ...state.closed
      .filter(
        (closed) => closed.version === version && closed.id !== parked?.request.id && closed.over !== true && !ranLater(state, closed),
      )
      .map((closed) => ({
        id: closed.id,
        tag: closed.tag,
        revision: null,
        stage: closed.outcome,
        since: closed.at,
        hash: null,
        reason: closed.reason,
        ...(closed.rollback === true ? { rollback: true as const } : {}),
      })),
    ...(parked !== null && parked.request.version === version
      ? [
          {
            id: parked.request.id,
            tag: parked.request.tag,
            revision: parked.request.candidate.revision,
            stage: 'parked' as const,
            since: parked.since,
            hash: null,
            reason: parked.reason,
            ...wayBack(parked.request),
          },
        ]
      : []),
    ...(running !== null && running.request.version === version
      ? [
          {
            id: running.request.id,
            tag: running.request.tag,
            revision: running.request.candidate.revision,
            stage: 'deploying' as const,
            since: running.since,
            hash: null,
            reason: running.retry?.reason ?? null,
            ...(running.halt === undefined ? {} : { halt: running.halt.reason }),
            ...wayBack(running.request),
          },
        ]
      : []),
    ...state.waiting
      .filter((waiting) => waiting.request.version === version)
      .map((waiting) => ({
        id: waiting.request.id,
        tag: waiting.request.tag,
        revision: waiting.request.candidate.revision,
        stage: waiting.stage.kind === 'ready' ? ('approved' as const) : waiting.stage.kind,
        since: waiting.since,
        hash: waiting.stage.kind === 'awaitingApproval' || waiting.stage.kind === 'held' ? waiting.stage.preparation.requestHash : null,
        reason: waiting.stage.kind === 'preparing' || waiting.stage.kind === 'ready' ? waiting.stage.problem : null,
        ...holdOf(state, waiting),
        ...wayBack(waiting.request),
      })),
  ]
  return {
    environment: state.name,
    sequence: state.sequence,
    current:
      current === null
        ? null
        : {
            epoch: current.epoch,
            revision: current.snapshot.candidate.revision,
            tag: current.tag,
            version: current.version,
            since: current.since,
            signOff: current.signOff,
            ...(current.rollback === undefined ? {} : { rollback: current.rollback }),
          },
    requests: requests.slice(-TOLD_REQUESTS),
  }
}

function wayBack(request: DeployRequest): { rollback?: true } {
  return request.rollback === undefined ? {} : { rollback: true }
}

/** The same was asked for once more after this, and ran: how it ended before says nothing any more. */
function ranLater(state: EnvironmentState, { version, tag, askedAt }: ClosedRequest): boolean {
  return verifiedHere(state).some((other) => other.version === version && other.tag === tag && other.askedAt > askedAt)
}

function holdOf(state: EnvironmentState, { request, stage }: WaitingRequest): Pick<RequestReport, 'hold' | 'heldBy'> {
  if (stage.kind === 'held') return { hold: `it lacks ${lackOf(stage.lacks)}` }
  const holder = reservedBy(state, request)
  if (holder !== null) return { hold: reservationOf(holder) }
  const held = heldBy(state, request)
  return held === null ? {} : { hold: spokenHeld(held), heldBy: heldWait(held.kind) }
}

/** The sprints that have something here: those to tell. */
export function concernedVersions(state: EnvironmentState): string[] {
  const versions = [
    ...state.waiting.map((waiting) => waiting.request.version),
    state.running?.request.version ?? null,
    state.parked?.request.version ?? null,
    state.current?.version ?? null,
    // Who was rolled back learns it, also when it never said that it follows.
    state.current?.rollback?.fromVersion ?? null,
    ...state.closed.slice(-4).map((closed) => closed.version),
    ...state.followers.map((follower) => follower.version),
  ]
  return [...new Set(versions.filter((version) => version !== null))]
}
