import { actorName } from '../../domain/actor.ts'
import type { Candidate } from '../../domain/candidate.ts'
import { missingOf, votesOf } from '../../domain/environment/approvals.ts'
import { holderOf } from '../../domain/environment/reservation.ts'
import { rollbackTargets } from '../../domain/environment/judge-rollback.ts'
import type {
  BreakGlass,
  Deployed,
  DeployRequest,
  EnvironmentState,
  Freeze,
  GivenVote,
  Halt,
  Hold,
  PlanSeen,
  RolledBack,
  WaitingRequest,
} from '../../domain/environment/state.ts'
import type { EnvironmentSettings } from '../../domain/settings.ts'
import type { EnvironmentPicture } from '../picture.ts'
import { iso } from '../view/duration.ts'
import { findingJson, type FindingJson } from './drift.ts'
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
  /** What an approval needs here; null where nobody approves, and where it is not known yet. */
  readonly approval: ApprovalPolicyJson | null
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
    readonly halt: HaltJson | null
    readonly rollback: WayBackJson | null
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
    readonly rollback: WayBackJson | null
  } | null
  /** Verified earlier, newest first. */
  readonly past: readonly DeployedJson[]
  /** The epochs that one can go back to now, the newest first. */
  readonly rollbackTargets: readonly number[]
  /** What automation does not bring back here. */
  readonly vetoes: readonly {
    readonly epoch: number
    readonly tag: string
    readonly reason: string
    readonly since: string
  }[]
  /** The sprint that has this environment for itself. */
  readonly reservation: { readonly version: string; readonly claim: 'hotfix' | 'release'; readonly since: string } | null
  /** Somebody's word that nothing is deployed here (`lock`), or nothing by automation (`pin`). */
  readonly lock: HoldJson | null
  readonly pin: HoldJson | null
  /** Whether it was frozen when a worker was asked last; null before that. `until`: when it opens, or closes again. */
  readonly freeze: {
    readonly open: boolean
    readonly windows: readonly { readonly name: string; readonly kind: 'deny' | 'allow'; readonly reason: string | null }[]
    readonly until: string | null
    readonly rollbacks: 'pass' | 'held'
    readonly at: string
    readonly problem: string | null
  } | null
  /** What began in a freeze by somebody's word, and waits for somebody else's: `slipway confirm`. */
  readonly unconfirmed: readonly (BreakGlassJson & { readonly epoch: number; readonly tag: string })[]
  /** What cannot be taken back: a rollback to what is older needs to be forced. */
  readonly irreversible: readonly { readonly name: string; readonly reason: string; readonly epoch: number; readonly tag: string }[]
  /** What the newest look at the target saw; null before the first one, and after a new deployment. */
  readonly drift: {
    readonly at: string
    readonly epoch: number
    /** Since when something differs; null when nothing does. */
    readonly since: string | null
    readonly findings: readonly FindingJson[]
    readonly left: number
    /** Why the newest look did not succeed; the findings are those of the one before. */
    readonly problem: string | null
  } | null
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
  /** Whose word completed it, and who approved before. */
  readonly approval: (VoteJson & { readonly hash: string; readonly earlier: readonly VoteJson[] }) | null
  readonly signOff: { readonly verdict: 'pass' | 'fail'; readonly by: string; readonly at: string; readonly message: string | null } | null
  /** What a rollback left when it brought this here. */
  readonly rollback: {
    readonly fromEpoch: number
    readonly fromTag: string
    readonly fromVersion: string | null
    readonly by: string
    readonly reason: string
  } | null
  /** True for what ran before Slipway came. */
  readonly adopted: boolean
  /** What was seen when it was verified, at most 10 lines; empty where that is not kept any more. */
  readonly observed: readonly string[]
  /** Digests in the store: of the plan that was shown when it was approved, and of the one it began with. */
  readonly plans: { readonly shown: string | null; readonly begun: string | null }
  /** It began in a freeze. `confirmed`: by whom else, and when. */
  readonly breakGlass:
    | (BreakGlassJson & { readonly confirmed: { readonly by: string; readonly at: string; readonly reason: string | null } | null })
    | null
}

/** Somebody's word that something may begin in a freeze. */
export type BreakGlassJson = { readonly by: string; readonly at: string; readonly reason: string; readonly windows: readonly string[] }

/** What deploying it would change, as the target told it last; `reason` where it could not. */
export type PlanSeenJson =
  | {
      readonly at: string
      readonly basis: string
      /** The digest of all of it in the store. */
      readonly whole: string
      readonly counts: Readonly<Record<string, number>>
      readonly removals: readonly string[]
      /** So many more than those that are named. */
      readonly left: number
    }
  | { readonly at: string; readonly reason: string }

export type ApprovalPolicyJson = {
  readonly count: number
  readonly required: readonly string[]
  readonly author: boolean
  readonly tagger: boolean
  readonly expiresHours: number
  readonly reason: boolean
  /** True where a person's word has to be signed. */
  readonly verified: boolean
}

/** One person's approval; `key` is the fingerprint of the SSH key that signed it, null where nobody signed. */
export type VoteJson = { readonly by: string; readonly at: string; readonly reason: string | null; readonly key: string | null }

export type HoldJson = { readonly by: string; readonly since: string; readonly reason: string }

/** A deployment that stands still until a person decides. */
export type HaltJson = {
  readonly step: string
  readonly hook: string | null
  readonly reason: string
  readonly observed: readonly string[]
  readonly log: string | null
  readonly choices: readonly string[]
  readonly since: string
}

/** A request that goes back to what was verified as this epoch. */
export type WayBackJson = { readonly epoch: number; readonly reason: string }

export type WaitingJson = {
  readonly request: string
  readonly version: string | null
  readonly tag: string
  readonly revision: string
  readonly images: Readonly<Record<string, string>>
  readonly stage: 'queued' | 'preparing' | 'awaitingApproval' | 'held' | 'ready'
  readonly since: string
  /** What an approval or an override names, once it is prepared. */
  readonly hash: string | null
  readonly by: string
  /** Who has approved it and may still take that back. */
  readonly approvals: readonly VoteJson[]
  /** While it waits for approval: how many people are missing, and who has to be among them. */
  readonly missing: { readonly count: number; readonly required: readonly string[] } | null
  /** While it is held: the tag that runs, and how many commits of that it lacks. */
  readonly lacks: { readonly tag: string; readonly commits: number } | null
  /** Somebody's word that it may replace what it lacks. */
  readonly override: { readonly by: string; readonly at: string; readonly reason: string } | null
  /** Somebody's word that it may begin in a freeze. */
  readonly breakGlass: BreakGlassJson | null
  /** What it would change, where that is planned before somebody decides. */
  readonly plan: PlanSeenJson | null
  readonly rollback: WayBackJson | null
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
    approval: policy(state?.settings ?? settings),
    epoch: state?.epoch ?? 0,
    status,
    since: since === null ? null : iso(since),
    current: state === null || state.current === null ? null : deployed(state.current),
    running: state === null ? null : running(state),
    waiting: (state?.waiting ?? []).map((each) => waiting(each, state?.settings ?? settings)),
    parked: state === null ? null : parked(state),
    past: (state?.past ?? []).map(deployed),
    rollbackTargets: state === null ? [] : rollbackTargets(state).map(({ epoch }) => epoch),
    vetoes: (state?.vetoes ?? []).map(({ epoch, tag, reason, at }) => ({ epoch, tag, reason, since: iso(at) })),
    reservation: state === null ? null : reservation(state),
    lock: hold(state?.lock ?? null),
    pin: hold(state?.pin ?? null),
    freeze: freeze(state?.freeze ?? null),
    unconfirmed: (state?.unconfirmed ?? []).map((each) => ({ epoch: each.epoch, tag: each.tag, ...glass(each) })),
    irreversible: (state?.crossings ?? []).map(({ name, reason, epoch, tag }) => ({ name, reason, epoch, tag })),
    drift: state === null ? null : drift(state),
    waitingFor: environmentWaitsOf({ settings, view }, now).map(waitStatus),
    next: view?.next ?? [],
  }
}

function deployed(from: Deployed): DeployedJson {
  const { approval, signOff, rollback } = from
  return {
    epoch: from.epoch,
    request: from.request,
    version: from.version,
    tag: from.tag,
    ...candidate(from.snapshot.candidate),
    snapshot: from.snapshot.hash,
    since: iso(from.since),
    approval: approval === null ? null : { ...vote(approval), hash: approval.hash, earlier: (approval.earlier ?? []).map(vote) },
    signOff:
      signOff === null ? null : { verdict: signOff.verdict, by: actorName(signOff.by), at: iso(signOff.at), message: signOff.message },
    rollback: rollback === undefined ? null : rollbackJson(rollback),
    adopted: from.adopted === true,
    observed: from.observed ?? [],
    plans: { shown: approval?.plan ?? null, begun: from.plan ?? null },
    breakGlass: from.breakGlass === undefined ? null : { ...glass(from.breakGlass), confirmed: confirmed(from.breakGlass) },
  }
}

function reservation(state: EnvironmentState): EnvironmentJson['reservation'] {
  const holder = holderOf(state)
  return holder === null || holder.claim === null ? null : { version: holder.version, claim: holder.claim, since: iso(holder.at) }
}

function drift({ drift: seen }: EnvironmentState): EnvironmentJson['drift'] {
  if (seen === null) return null
  const { at, epoch, since, findings, left, problem } = seen
  return { at: iso(at), epoch, since: since === null ? null : iso(since), findings: findings.map(findingJson), left, problem }
}

function wayBack({ rollback }: DeployRequest): WayBackJson | null {
  return rollback === undefined ? null : { epoch: rollback.epoch, reason: rollback.reason }
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
    halt: from.halt === undefined ? null : halted(from.halt),
    rollback: wayBack(request),
  }
}

function rollbackJson({ fromEpoch, fromTag, fromVersion, by, reason }: RolledBack): DeployedJson['rollback'] {
  return { fromEpoch, fromTag, fromVersion, by: actorName(by), reason }
}

function halted({ step, hook, reason, observed, log, choices, since }: Halt): HaltJson {
  return { step, hook, reason, observed, log, choices, since: iso(since) }
}

function hold(from: Hold | null): HoldJson | null {
  return from === null ? null : { by: actorName(from.by), since: iso(from.at), reason: from.reason }
}

function policy({ approval }: EnvironmentSettings): ApprovalPolicyJson | null {
  if (approval === undefined) return null
  const { count, required, author, tagger, expiresMs, reason, verified } = approval
  return { count, required, author, tagger, expiresHours: expiresMs / 3_600_000, reason, verified }
}

function vote({ by, at, reason }: GivenVote): VoteJson {
  return { by: actorName(by), at: iso(at), reason, key: (by.kind === 'person' ? by.key : undefined) ?? null }
}

function waiting({ request, since, stage, override, breakGlass }: WaitingRequest, settings: EnvironmentSettings): WaitingJson {
  return {
    request: request.id,
    version: request.version,
    tag: request.tag,
    ...candidate(request.candidate),
    stage: stage.kind,
    since: iso(since),
    hash: 'preparation' in stage ? stage.preparation.requestHash : null,
    by: actorName(request.by),
    approvals: votesOf(stage).map(vote),
    missing: stage.kind === 'awaitingApproval' ? missingOf(votesOf(stage), settings) : null,
    lacks: stage.kind === 'held' ? { tag: stage.lacks.tag, commits: stage.lacks.commits } : null,
    override: override === undefined ? null : { by: actorName(override.by), at: iso(override.at), reason: override.reason },
    breakGlass: breakGlass === undefined ? null : glass(breakGlass),
    plan: 'preparation' in stage ? planSeenJson(stage.preparation.plan) : null,
    rollback: wayBack(request),
  }
}

function freeze(from: Freeze | null): EnvironmentJson['freeze'] {
  if (from === null) return null
  const { open, windows, until, rollbacks, at, problem = null } = from
  const named = windows.map(({ name, kind, reason = null }) => ({ name, kind, reason }))
  return { open, windows: named, until: until === null ? null : iso(until), rollbacks, at: iso(at), problem }
}

function glass({ by, at, reason, windows }: Omit<BreakGlass, 'hash'>): BreakGlassJson {
  return { by: actorName(by), at: iso(at), reason, windows: [...windows] }
}

function confirmed({ confirmed: by }: BreakGlass) {
  return by === undefined ? null : { by: actorName(by.by), at: iso(by.at), reason: by.reason }
}

export function planSeenJson(plan: PlanSeen | undefined): PlanSeenJson | null {
  if (plan === undefined) return null
  const at = iso(plan.at)
  if (!plan.ok) return { at, reason: plan.reason }
  const { basis, whole, counts, removals } = plan
  return { at, basis, whole, counts, removals: removals.names, left: removals.left }
}

function parked({ parked: from }: EnvironmentState): EnvironmentJson['parked'] {
  if (from === null) return null
  const { epoch, request, target, step, reason, observed, log, since } = from
  const { id, version, tag } = request
  const { revision } = request.candidate
  const rollback = wayBack(request)
  return { epoch, request: id, version, tag, revision, target, step, reason, observed, log, since: iso(since), rollback }
}

function candidate({ revision, images }: Candidate) {
  return { revision, images: Object.fromEntries(images.map((image) => [image.service, image.digest])) }
}
