import type { Actor } from '../actor.ts'
import type { Candidate } from '../candidate.ts'
import type { ApprovalPolicy } from '../rights.ts'
import type { EnvironmentSettings } from '../settings.ts'
import type { Word } from '../signed.ts'
import type { Irreversible, Snapshot } from '../snapshot.ts'
import type { Entry } from '../timeline.ts'
import type { DriftSeen } from './drift.ts'

/** Somebody's or something's wish to deploy one candidate to one environment. It gets its epoch when its deployment starts. */
export type DeployRequest = {
  /** Unique within the environment, such as `v1.0.0`, asked for again `v1.0.0~2`. */
  readonly id: string
  readonly candidate: Candidate
  /** The image tag, such as `release-1.0.0.1a2b3c4d`. */
  readonly tag: string
  /** The sprint that asked, or for whose features it was asked; null without one. */
  readonly version: string | null
  readonly by: Actor
  readonly at: number
  /** True when its branch was rewritten to it: then it may replace what contains it. */
  readonly rewritten: boolean
  /** A rollback: the snapshot that was verified here as this epoch is put there again; nothing is built or rendered. */
  readonly rollback?: {
    readonly epoch: number
    readonly reason: string
    /** What runs is put there once more, against what drifted: fields that others took are taken back. */
    readonly again?: true
    /** It was forced across what cannot be taken back: tried again, it is what it was. */
    readonly force?: true
  }
}

/** What was rendered for a request, and the hash that an approval approves. */
export type Preparation = {
  readonly snapshot: Snapshot
  readonly requestHash: string
  /** The epoch it replaces, null at the first deployment. When another takes its place, the preparation lapses. */
  readonly replacesEpoch: number | null
  /** Who wrote what it brings since what runs: people of the estate, and the addresses of others, the newest first. */
  readonly authors?: readonly string[]
  /** Who made its tag, told likewise; null where that cannot be told. */
  readonly tagger?: string | null
  /** What it would change on the target, as it was told last; left out where nobody decides, and where the target cannot tell. */
  readonly plan?: PlanSeen
}

/** Evidence beside what is approved: what deploying it would change on the target, or why that could not be told. */
export type PlanSeen =
  | {
      readonly ok: true
      readonly at: number
      /** Stands for the state of the target that was planned against. */
      readonly basis: string
      /** Where all of it lies in the store: its sha256 digest. */
      readonly whole: string
      /** How many objects are created, updated, and so on. */
      readonly counts: Readonly<Record<string, number>>
      /** What it deletes or replaces. */
      readonly removals: Names
      /** What it says otherwise than the plan before it, which was made against that basis. */
      readonly moved?: Names & { readonly since: string }
    }
  | { readonly ok: false; readonly at: number; readonly reason: string }

/** Names for a person, and how many more there are. */
export type Names = { readonly names: readonly string[]; readonly left: number }

export type WaitingRequest = {
  readonly request: DeployRequest
  readonly since: number
  readonly stage:
    | { readonly kind: 'queued' }
    /** `nextTryAt`: when what `problem` speaks of is tried once more. */
    | { readonly kind: 'preparing'; readonly problem: string | null; readonly nextTryAt?: number }
    /** `votes`: who has approved it already, where several have to. */
    | { readonly kind: 'awaitingApproval'; readonly preparation: Preparation; readonly votes?: readonly GivenVote[] }
    /** It does not contain what runs: held until somebody overrides that, or something else runs. */
    | { readonly kind: 'held'; readonly preparation: Preparation; readonly lacks: Lacks }
    | {
        readonly kind: 'ready'
        readonly preparation: Preparation
        readonly approval: Approval | null
        /** Why it cannot be rendered or planned once more before it starts, where that is so, and when that is tried again. */
        readonly problem: string | null
        readonly nextTryAt?: number
      }
  /** Somebody's word that it may replace what it does not contain, for as long as that is what runs. */
  readonly override?: Override
  /** Somebody's word that it may begin during a freeze, for as long as it is what was seen. */
  readonly breakGlass?: BreakGlass
  /** Of a way back: the person's word for it, where it was signed. */
  readonly word?: Word
}

/** The glass is broken: an approver lets something begin in a freeze. Somebody else confirms that afterwards. */
export type BreakGlass = {
  readonly hash: string
  readonly by: Actor
  readonly at: number
  readonly reason: string
  /** The windows of the freeze, by name. */
  readonly windows: readonly string[]
  /** Somebody else's word that this was right. */
  readonly confirmed?: { readonly by: Actor; readonly at: number; readonly reason: string | null }
}

/** A deployment that began in a freeze, by an override that nobody else has confirmed yet. */
export type Unconfirmed = Omit<BreakGlass, 'hash' | 'confirmed'> & { readonly epoch: number; readonly tag: string }

/** Whether nothing is deployed now, as a worker said last; see config/freeze. */
export type Freeze = {
  /** True also where the estate has no freeze for it. */
  readonly open: boolean
  /** What keeps it closed, at most five: the windows that deny, or those that allow, none of which is now. */
  readonly windows: readonly { readonly name: string; readonly kind: 'deny' | 'allow'; readonly reason?: string }[]
  /** When it opens, or closes again; null where that is not within a year. Milliseconds since 1970. */
  readonly until: number | null
  /** The same for a person, with the time zone. */
  readonly untilWords: string | null
  readonly rollbacks: 'pass' | 'held'
  /** When it was told, when it is asked again, and since when it is as it is. */
  readonly at: number
  readonly again: number
  readonly since: number
  /** Why it could not be asked again, where that is so. */
  readonly problem?: string
}

/** What a candidate lacks: so many commits of the tag that runs. */
export type Lacks = { readonly tag: string; readonly commits: number }

export type Override = { readonly by: Actor; readonly at: number; readonly reason: string; readonly replacesEpoch: number | null }

/** The approvers' word on one request and its hash; `by` is who completed it. */
export type Approval = {
  readonly request: string
  readonly hash: string
  readonly by: Actor
  readonly at: number
  readonly reason: string | null
  /** Where the plan lies in the store that was shown with it: its digest; left out where none was. */
  readonly plan?: string
  /** Who approved the same before, where one approval is not enough; the oldest first. */
  readonly earlier?: readonly GivenVote[]
  /** What the estate asked for when it became complete: that may be otherwise when somebody looks years later. */
  readonly policy?: Pick<ApprovalPolicy, 'count' | 'required' | 'verified'>
}

/** One approver's word among several. */
export type GivenVote = { readonly by: Actor; readonly at: number; readonly reason: string | null }

/** QA's word on the candidate that was verified in the environment. */
export type SignOff = { readonly verdict: 'pass' | 'fail'; readonly by: Actor; readonly at: number; readonly message: string | null }

/** One candidate put on the environment, and verified there. */
export type Deployed = {
  readonly epoch: number
  readonly request: string
  /** When the request was made; with its id it tells a request from the same one delivered twice. */
  readonly askedAt: number
  readonly version: string | null
  readonly tag: string
  readonly snapshot: Snapshot
  readonly since: number
  readonly approval: Approval | null
  /** Whether it had to be approved as it began; left out by an earlier version. */
  readonly guarded?: boolean
  /** Of a way back, which needs no approval of its own: the one of what it brought back, or that this ran before Slipway. */
  readonly rests?: Approval | 'adopted'
  /** Where the plan lies in the store that it was begun with: its digest; left out where none was made. */
  readonly plan?: string
  readonly signOff: SignOff | null
  /** What a rollback left when it brought this here. */
  readonly rollback?: RolledBack
  /** True for what ran before Slipway came. */
  readonly adopted?: true
  /** The epoch that put it here first, where it was put here once more. */
  readonly origin?: number
  /** It began in a freeze, by somebody's word. */
  readonly breakGlass?: BreakGlass
  /** Its digests keep a name in the registry under this number; see keptAs. */
  readonly kept?: number
  /** What was seen when it was verified: rollout, digests that run, health checks, hooks. At most 10 lines. */
  readonly observed?: readonly string[]
}

export type RolledBack = {
  readonly fromEpoch: number
  readonly fromTag: string
  readonly fromVersion: string | null
  readonly by: Actor
  readonly reason: string
  /** The epoch that put it here first. */
  readonly origin?: number
}

/** A snapshot that automation does not bring back here: its verification failed, or somebody rolled back from it. */
export type Veto = {
  /** See madeOf: the same under another tag is vetoed, too. */
  readonly madeOf: string
  readonly tag: string
  readonly epoch: number
  readonly reason: string
  readonly at: number
}

/**
 * An open sprint that deploys here. `claim` says that it needs a release-fed environment for itself: one sprint at a time
 * has it, a hotfix first, then the older version.
 */
export type Follower = {
  readonly version: string
  readonly claim: 'hotfix' | 'release' | null
  /** When the claim was made. */
  readonly at: number
}

/** Somebody's word that an environment stays as it is. */
export type Hold = { readonly by: Actor; readonly at: number; readonly reason: string }

/** `before` and `after` are its hooks. */
export type DeploymentStep = 'starting' | 'before' | 'applying' | 'verifying' | 'after' | 'restoring'

/** What a person can decide about a deployment that stands still. */
export type Choice = 'retry' | 'skip' | 'abort' | 'rollback'

/** A deployment that cannot go on by itself and was not ended: it stands at this step until a person decides. */
export type Halt = {
  /** Grows with every halt of the deployment, so that a decision is taken for the one that was seen. */
  readonly number: number
  readonly step: DeploymentStep
  /** The hook it stands at; null at another step. */
  readonly hook: string | null
  readonly reason: string
  readonly observed: readonly string[]
  readonly log: string | null
  readonly choices: readonly Choice[]
  readonly since: number
}

/** A step that cannot be taken back was begun here as this epoch: whatever is older lies on its other side. */
export type Crossing = Irreversible & { readonly epoch: number; readonly tag: string }

export type RunningDeployment = {
  readonly epoch: number
  readonly request: DeployRequest
  readonly preparation: Preparation
  readonly approval: Approval | null
  /** As in Deployed. */
  readonly guarded?: boolean
  readonly since: number
  readonly step: DeploymentStep
  readonly attempt: number
  /** Why the newest attempt did not succeed, and when the next one begins. */
  readonly retry: { readonly reason: string; readonly at: number } | null
  /** Why it stands still, where it does. */
  readonly halt?: Halt
  readonly breakGlass?: BreakGlass
}

/**
 * A request that could not be finished, kept until a newer one takes its place or a person decides.
 * `intact`: nothing was changed on the target; `restored`: what ran before runs again; `broken`: neither.
 */
export type ParkedRequest = {
  readonly request: DeployRequest
  readonly epoch: number | null
  readonly target: 'intact' | 'restored' | 'broken'
  readonly step: 'prepare' | DeploymentStep
  readonly reason: string
  readonly observed: readonly string[]
  readonly log: string | null
  readonly since: number
}

/** How a request ended that did not deploy. */
export type ClosedRequest = {
  readonly id: string
  readonly askedAt: number
  readonly version: string | null
  readonly tag: string
  readonly outcome: 'rejected' | 'superseded' | 'older' | 'vetoed' | 'failed' | 'restored' | 'aborted'
  readonly reason: string
  readonly at: number
  /** True for a way back. */
  readonly rollback?: true
  /** Whose approval a rejection overturned. */
  readonly overturned?: { readonly names: readonly string[]; readonly revision: string }
  /** True when its sprint is over: one that begins anew for the same version starts without it. */
  readonly over?: true
}

/** Everything the environment workflow remembers. Plain JSON; bounded. */
export type EnvironmentState = {
  readonly project: string
  readonly name: string
  readonly settings: EnvironmentSettings | null
  /** The epoch of the newest deployment that was started; 0 before the first. */
  readonly epoch: number
  readonly current: Deployed | null
  readonly running: RunningDeployment | null
  readonly waiting: readonly WaitingRequest[]
  readonly parked: ParkedRequest | null
  /** True from a failure that could not be undone until something is verified or restored there. */
  readonly broken: boolean
  /** Requests that ended without running here and can still be asked for: the newest of each source, newest first. */
  readonly rejected: readonly DeployRequest[]
  /** Verified earlier, newest first, without `current`. */
  readonly past: readonly Deployed[]
  readonly closed: readonly ClosedRequest[]
  readonly vetoes: readonly Veto[]
  readonly followers: readonly Follower[]
  readonly crossings: readonly Crossing[]
  /** Nothing is deployed here until it is taken off. */
  readonly lock: Hold | null
  /** Automation changes nothing here until it is taken off. */
  readonly pin: Hold | null
  /** Whether it was frozen when somebody asked last; null before that. */
  readonly freeze: Freeze | null
  /** What began in a freeze and waits for a second person's word. */
  readonly unconfirmed: readonly Unconfirmed[]
  /** True once it was looked at what ran there before the first deployment. */
  readonly surveyed: boolean
  /** What differs on the target from what was applied, as it was seen last; null where nobody looked since. */
  readonly drift: DriftSeen | null
  /** What was told already, by the ids of its announcements; nothing before anybody wanted to hear it. */
  readonly announced?: readonly string[]
  readonly entries: readonly Entry[]
  /** Grows with every report to a sprint, so that a late one is known by it. */
  readonly sequence: number
  /** What signed words have used up already; see nonces.ts. */
  readonly nonces?: readonly string[]
}

export function newEnvironment(project: string, name: string): EnvironmentState {
  return {
    project,
    name,
    settings: null,
    epoch: 0,
    current: null,
    running: null,
    waiting: [],
    parked: null,
    rejected: [],
    broken: false,
    past: [],
    closed: [],
    vetoes: [],
    followers: [],
    crossings: [],
    lock: null,
    pin: null,
    freeze: null,
    unconfirmed: [],
    surveyed: false,
    drift: null,
    entries: [],
    sequence: 0,
  }
}

/** What an earlier version of Slipway remembered, with what it did not know yet. */
export function reviveEnvironment(state: EnvironmentState): EnvironmentState {
  // There was one at most, or null.
  const rejected = state.rejected as EnvironmentState['rejected'] | DeployRequest | null
  const known = rejected === null ? [] : Array.isArray(rejected) ? rejected : [rejected as DeployRequest]
  return { ...newEnvironment(state.project, state.name), ...state, rejected: known }
}

/** The epoch that put it here first: a way back brings what is older than itself. */
export function originOf({ epoch, origin, rollback }: Deployed): number {
  return origin ?? rollback?.origin ?? epoch
}

/** What was verified here and is still known, the newest first. */
export function verifiedHere(state: EnvironmentState): readonly Deployed[] {
  return state.current === null ? state.past : [state.current, ...state.past]
}
