import { actorName } from '../../domain/actor.ts'
import type { Candidate } from '../../domain/candidate.ts'
import type { Deployed, EnvironmentState, WaitingRequest } from '../../domain/environment/state.ts'
import type { EnvironmentPicture } from '../picture.ts'
import { iso } from '../view/duration.ts'
import { environmentStatus, type EnvironmentStatus } from './environment-status.ts'
import { waitStatus, type WaitStatus } from './status.ts'
import { environmentWaitsOf } from './waits.ts'

/** One environment in `slipway env --json`; stable, see docs/json.md. Times are ISO 8601 in UTC. */
export type EnvironmentJson = {
  readonly name: string
  readonly from: string
  readonly target: string
  readonly guarded: boolean
  readonly approvers: readonly string[]
  /** The newest deployment's, 0 before the first. */
  readonly epoch: number
  readonly status: EnvironmentStatus
  readonly since: string | null
  readonly current: DeployedJson | null
  readonly running: {
    readonly epoch: number
    readonly request: string
    readonly version: string | null
    readonly tag: string
    readonly revision: string
    readonly images: Readonly<Record<string, string>>
    readonly step: string
    readonly attempt: number
    readonly since: string
    readonly retry: { readonly reason: string; readonly at: string } | null
  } | null
  readonly waiting: readonly WaitingJson[]
  readonly parked: {
    readonly epoch: number | null
    readonly request: string
    readonly version: string | null
    readonly tag: string
    readonly revision: string
    readonly target: string
    readonly step: string
    readonly reason: string
    readonly observed: readonly string[]
    readonly log: string | null
    readonly since: string
  } | null
  /** Verified earlier, newest first. */
  readonly past: readonly DeployedJson[]
  readonly waitingFor: readonly WaitStatus[]
  readonly next: readonly string[]
}

export type DeployedJson = {
  readonly epoch: number
  readonly request: string
  readonly version: string | null
  readonly tag: string
  readonly revision: string
  /** Digest by service. */
  readonly images: Readonly<Record<string, string>>
  /** The snapshot's hash. */
  readonly snapshot: string
  readonly since: string
  readonly approval: { readonly by: string; readonly at: string; readonly hash: string; readonly reason: string | null } | null
  readonly signOff: { readonly verdict: 'pass' | 'fail'; readonly by: string; readonly at: string; readonly message: string | null } | null
}

export type WaitingJson = {
  readonly request: string
  readonly version: string | null
  readonly tag: string
  readonly revision: string
  readonly images: Readonly<Record<string, string>>
  readonly stage: 'queued' | 'preparing' | 'awaitingApproval' | 'ready'
  readonly since: string
  /** What an approval approves, once it is prepared. */
  readonly hash: string | null
  readonly by: string
}

export function composeEnvironment({ settings, view }: EnvironmentPicture, now: number): EnvironmentJson {
  const state = view?.state ?? null
  const { status, since } = environmentStatus(state)
  return {
    name: settings.name,
    from: settings.from,
    target: settings.target,
    guarded: settings.guarded,
    approvers: settings.approvers,
    epoch: state?.epoch ?? 0,
    status,
    since: since === null ? null : iso(since),
    current: state === null || state.current === null ? null : deployed(state.current),
    running: state === null ? null : running(state),
    waiting: (state?.waiting ?? []).map(waiting),
    parked: state === null ? null : parked(state),
    past: (state?.past ?? []).map(deployed),
    waitingFor: environmentWaitsOf({ settings, view }, now).map(waitStatus),
    next: view?.next ?? [],
  }
}

function deployed(from: Deployed): DeployedJson {
  const { approval, signOff } = from
  return {
    epoch: from.epoch,
    request: from.request,
    version: from.version,
    tag: from.tag,
    ...candidate(from.snapshot.candidate),
    snapshot: from.snapshot.hash,
    since: iso(from.since),
    approval: approval === null ? null : { by: actorName(approval.by), at: iso(approval.at), hash: approval.hash, reason: approval.reason },
    signOff:
      signOff === null ? null : { verdict: signOff.verdict, by: actorName(signOff.by), at: iso(signOff.at), message: signOff.message },
  }
}

function running({ running: from }: EnvironmentState): EnvironmentJson['running'] {
  if (from === null) return null
  const { request, retry } = from
  return {
    epoch: from.epoch,
    request: request.id,
    version: request.version,
    tag: request.tag,
    ...candidate(request.candidate),
    step: from.step,
    attempt: from.attempt,
    since: iso(from.since),
    retry: retry === null ? null : { reason: retry.reason, at: iso(retry.at) },
  }
}

function waiting({ request, since, stage }: WaitingRequest): WaitingJson {
  const prepared = stage.kind === 'awaitingApproval' || stage.kind === 'ready'
  return {
    request: request.id,
    version: request.version,
    tag: request.tag,
    ...candidate(request.candidate),
    stage: stage.kind,
    since: iso(since),
    hash: prepared ? stage.preparation.requestHash : null,
    by: actorName(request.by),
  }
}

function parked({ parked: from }: EnvironmentState): EnvironmentJson['parked'] {
  if (from === null) return null
  const { epoch, request, target, step, reason, observed, log, since } = from
  const { id, version, tag } = request
  return { epoch, request: id, version, tag, revision: request.candidate.revision, target, step, reason, observed, log, since: iso(since) }
}

function candidate({ revision, images }: Candidate) {
  return { revision, images: Object.fromEntries(images.map((image) => [image.service, image.digest])) }
}
