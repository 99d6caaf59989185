import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { Cleaned, Commit, ContentPage, Evidence, Finding, LogPage, Planned, Relation, ReleaseNotes } from '../activities/contract.ts'
import type { Actor } from '../domain/actor.ts'
import type { Announcement } from '../domain/announcer/announcement.ts'
import type { AnnouncerState } from '../domain/announcer/state.ts'
import type { Candidate } from '../domain/candidate.ts'
import type { DeploymentReport } from '../domain/environment/deployments.ts'
import type { Drift } from '../domain/environment/drift.ts'
import type { LateRefusal } from '../domain/environment/late-refusal.ts'
import type { Vote } from '../domain/environment/judge-vote.ts'
import type { ConfirmWish } from '../domain/environment/judge-confirm.ts'
import type { SignOffWish } from '../domain/environment/judge-sign-off.ts'
import type { EnvironmentReport } from '../domain/environment/report.ts'
import type { Withdraw } from '../domain/environment/withdraw.ts'
import type { DeployRequest, EnvironmentState } from '../domain/environment/state.ts'
import type { Resolution, ResolveWish } from '../domain/environment/judge-resolve.ts'
import type { HoldWish } from '../domain/environment/lock.ts'
import type { OverrideWish } from '../domain/environment/judge-override.ts'
import type { RollbackWish } from '../domain/environment/judge-rollback.ts'
import type { Following } from '../domain/environment/reservation.ts'
import type { VetoWish } from '../domain/environment/judge-veto.ts'
import type { VetoLift } from '../domain/environment/veto.ts'
import type { MergeBackReport, MergeBackState } from '../domain/merge-back/state.ts'
import type { RepositoryState } from '../domain/repository/state.ts'
import type { ProjectSettings } from '../domain/settings.ts'
import type { Signed, Word } from '../domain/signed.ts'
import type { Irreversible, Snapshot, SnapshotHook } from '../domain/snapshot.ts'
import type { Phase } from '../domain/sprint/phase.ts'
import type { SprintCommand } from '../domain/sprint/commands.ts'
import type { SprintFacts } from '../domain/sprint/facts.ts'
import type { SprintState } from '../domain/sprint/state.ts'
import type { Answer, Wait } from '../domain/wait.ts'

/**
 * Everything that can be said to a workflow. What a person says is an Update: the caller learns at once whether it took,
 * and why not. What a machine hints is a Signal. What anyone asks is a Query. A refusal is an answer, not an error: a
 * rejected Update would leave no trace in the history.
 */

/** What a person says: by a name alone, or signed; then only what was signed counts. */
export type Spoken<T> = T & { readonly signed?: Signed }

// ---- repository: slipway/<project>/repository ---------------------------------------------------------------------

/** "Look at the remote." Carries nothing that is believed: what happened is read from the remote. */
export const hintSignal = defineSignal('hint')
export const startSprintUpdate = defineUpdate<Answer<{ text: string; version: string }>, [Spoken<StartSprint>]>('startSprint')
export const retryBuildsUpdate = defineUpdate<Answer<{ text: string; revisions: string[] }>, [Spoken<{ by: Actor }>]>('retryBuilds')
export const buildReportSignal = defineSignal<[BuildReport]>('buildReport')
export const sprintPhaseSignal = defineSignal<[SprintPhase]>('sprintPhase')
export const repositoryQuery = defineQuery<RepositoryState>('state')

/** A finished version is opened anew for a hotfix, or one that runs without Slipway's knowledge is taken over. */
export const openSprintUpdate = defineUpdate<Answer<{ text: string; version: string }>, [Spoken<OpenSprint>]>('openSprint')

export type OpenSprint = { readonly version: string; readonly as: 'hotfix' | 'adopt'; readonly by: Actor }

export type StartSprint = { readonly version: string; readonly features: readonly string[]; readonly by: Actor }

export type BuildReport =
  | { readonly revision: string; readonly ok: true; readonly candidate: Candidate }
  | { readonly revision: string; readonly ok: false; readonly reason: string; readonly log: string | null }

/** A sprint tells where it stands; `closed` takes it off the list of open sprints. */
export type SprintPhase = {
  readonly version: string
  readonly phase: Phase
  readonly features: readonly string[]
  readonly closed: boolean
  /** What signed words have used up here, with the last report. */
  readonly nonces?: readonly string[]
}

// ---- sprint: slipway/<project>/sprint/<version> -------------------------------------------------------------------

export const factsSignal = defineSignal<[SprintFacts]>('facts')
export const environmentReportSignal = defineSignal<[EnvironmentReport]>('environmentReport')
export const commandUpdate = defineUpdate<Answer<{ text: string; notes: string[] }>, [Spoken<{ command: SprintCommand; by: Actor }>]>(
  'command',
)
/** The estate says something else of the project now. */
export const settingsSignal = defineSignal<[ProjectSettings]>('settings')
/** The merge-back of this sprint tells where it stands. */
export const mergeBackReportSignal = defineSignal<[MergeBackReport]>('mergeBackReport')
export const sprintQuery = defineQuery<SprintView>('state')

export type SprintView = { readonly state: SprintState; readonly waits: readonly Wait[]; readonly next: readonly string[] }

// ---- build: slipway/<project>/build/<sha> -------------------------------------------------------------------------

/** Nothing points to this revision any more: what cannot be done at once is given up. */
export const unwantedSignal = defineSignal('unwanted')
export const buildQuery = defineQuery<BuildView>('state')

export type BuildView = {
  readonly revision: string
  readonly services: readonly {
    readonly service: string
    readonly status: 'waiting' | 'building' | 'built' | 'reused' | 'failed'
    readonly seconds: number | null
    readonly log: string | null
    readonly retry: Retry | null
  }[]
}

/** Why the newest attempt did not succeed, and when (milliseconds since 1970) the next one begins. */
export type Retry = { readonly reason: string; readonly attempt: number; readonly at: number }

// ---- environment: slipway/<project>/env/<name> --------------------------------------------------------------------

export const requestSignal = defineSignal<[DeployRequest]>('request')
/** A sprint takes a request back that waits. */
export const withdrawSignal = defineSignal<[Withdraw]>('withdraw')
/** An open sprint that deploys here says what it needs: the whole of it, every time. */
export const followSignal = defineSignal<[Following]>('follow')
export const deploymentReportSignal = defineSignal<[DeploymentReport]>('deploymentReport')
/** A worker says that the target refused an attempt, of which no report comes any more. */
export const lateRefusalSignal = defineSignal<[LateRefusal]>('lateRefusal')
export const approveUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<Vote>]>('approve')
export const rejectUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<Vote>]>('reject')
/** The same as the Updates of the same names, for use from the Temporal UI and the stock CLI: `by` is a plain name there. */
export const approveSignal = defineSignal<[PlainVote]>('approve')
export const rejectSignal = defineSignal<[PlainVote]>('reject')
/** Who approved takes that back, until the deployment begins. */
export const withdrawApprovalUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<Vote>]>('withdrawApproval')
export const withdrawApprovalSignal = defineSignal<[PlainVote]>('withdrawApproval')
export const signOffUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<SignOffWish>]>('signOff')
export const retryUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<{ by: Actor }>]>('retry')
export const rollbackUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<RollbackWish>]>('rollback')
/** The same as the Update, for use from the Temporal UI and the stock CLI: it names the epoch to go back to. */
export const rollbackSignal = defineSignal<[PlainRollback]>('rollback')
export const overrideUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<OverrideWish>]>('override')
/** Somebody is about to decide about a request: it is planned anew, and told with the commits since what runs. */
export const reviewUpdate = defineUpdate<Answer<Review>, [{ request: string }]>('review')
/** A second person's word on what began in a freeze. */
export const confirmUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<ConfirmWish>]>('confirm')
/** What was verified is not brought back by automation. */
export const vetoUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<VetoWish>]>('veto')
export const unvetoUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<VetoLift>]>('unveto')
/** A lock holds everything, a pin what automation asks for. */
export const lockUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<HoldWish>]>('lock')
export const unlockUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<HoldWish>]>('unlock')
export const pinUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<HoldWish>]>('pin')
export const unpinUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<HoldWish>]>('unpin')
/** A person decides about what is parked. */
export const resolveUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<ResolveWish>]>('resolve')
/** What runs there becomes epoch 0: a target that Slipway did not deploy to. `tag`: what runs, where it cannot be asked. */
export const adoptUpdate = defineUpdate<Answer<{ text: string }>, [Spoken<{ tag: string | null; by: Actor }>]>('adopt')
/** A person asks for a look at the target: what of it is not as it was applied? */
export const inspectUpdate = defineUpdate<Answer<DriftAnswer>, [{ by: Actor }]>('inspect')
/** The schedule asks for one. Where there is nothing to look at now, nothing happens. */
export const inspectSignal = defineSignal('inspect')
/** "Look into the estate": carries nothing that is believed, for whoever reaches Temporal can send it. */
export const settingsChangedSignal = defineSignal('settingsChanged')
export const environmentQuery = defineQuery<EnvironmentView>('state')

/** Beside it, the environment's state has the plan and the freeze, as they are now. */
export type Review = {
  /** Why it could not be planned anew; null where it could, and where nothing is planned. */
  readonly problem: string | null
  /** What it brings since what runs, the newest first; at most 20 of so many. */
  readonly commits: readonly Commit[]
  readonly total: number
  readonly commitsProblem: string | null
}

/** What a look saw of what is verified as this epoch; `left` says how many more findings there are. */
export type DriftAnswer = {
  readonly text: string
  readonly tag: string
  readonly epoch: number
  readonly at: number
  readonly findings: readonly Drift[]
  readonly left: number
  /** Commands that mend it. */
  readonly next: readonly string[]
}

export type PlainVote = {
  readonly request: string
  readonly hash: string
  readonly by: string
  readonly reason?: string
  readonly signed?: Signed
}

export type PlainRollback = { readonly epoch: number; readonly by: string; readonly reason: string; readonly signed?: Signed }

export type EnvironmentView = { readonly state: EnvironmentState; readonly waits: readonly Wait[]; readonly next: readonly string[] }

// ---- deployment: slipway/<project>/env/<name>/<epoch> -------------------------------------------------------------

/** Says nothing; that it cannot be delivered says that the deployment does not run. */
export const areYouThereSignal = defineSignal('areYouThere')

/** Something newer waits: what cannot be done at once is given up. */
export const giveUpSignal = defineSignal('giveUp')

/** A way back waits: whatever is under way is ended. */
export const standDownSignal = defineSignal<[StandDown]>('standDown')

/** A person's decision about the halt of this number. */
export const resolutionSignal = defineSignal<[Resolution]>('resolution')

/** `word`: what the person signed who asked for the way back, where words have to be signed. */
export type StandDown = { readonly reason: string; readonly by?: Actor; readonly word?: Word }

// ---- mergeBack: slipway/<project>/merge-back/<tag> ----------------------------------------------------------------

/** "Look at the branches that wait for a person": one of them has moved. */
export const lookSignal = defineSignal('look')
/** What was released does not run any more: branches that were not pushed are not pushed. */
export const stopSignal = defineSignal<[{ reason: string }]>('stop')
/** The release branches of younger open sprints, as they are now. */
export const targetsSignal = defineSignal<[{ branches: readonly string[] }]>('targets')
/** A person says by which commit it came to a branch. */
export const mergedAsSignal = defineSignal<[Spoken<{ target: string; revision: string; by: Actor }>]>('mergedAs')
export const mergeBackQuery = defineQuery<MergeBackState>('state')

// ---- announcer: slipway/<project>/announcer -----------------------------------------------------------------------

/** What happened, for those who want to hear of it. Said again, it is told once. */
export const announceSignal = defineSignal<[readonly Announcement[]]>('announce')
export const announcerQuery = defineQuery<AnnouncerState>('state')

// ---- doctor, plan, readLog, readContent, evidence, notes, releasePage, clean, lookForDrift: short workflows that end ---------------------------------------------

export type DoctorInput = { readonly project: string; readonly environments: readonly string[] | null }
export type DoctorResult = { readonly findings: readonly (Finding & { readonly queue: string })[] }
export type PlanInput = {
  readonly project: string
  readonly environment: string
  /** A candidate is rendered first; a snapshot is taken as it is. */
  readonly what:
    | { readonly kind: 'candidate'; readonly candidate: Candidate; readonly tag: string }
    /** `back`: it was verified there before. */
    | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly back?: true }
  /** What runs there now; null at the first deployment. */
  readonly current: { readonly epoch: number; readonly snapshot: Snapshot } | null
}
export type PlanResult = {
  /** The hash of the snapshot that was planned. */
  readonly snapshotHash: string
  /** How the candidate stands to what runs; null for a snapshot, and at the first deployment. */
  readonly relation: Relation | null
  readonly lacks: number
  /** What runs before and after it, and what cannot be taken back by another deployment. */
  readonly hooks: readonly Pick<SnapshotHook, 'name' | 'when' | 'kind'>[]
  readonly irreversible: Irreversible | null
  readonly planned: Planned
}
export type ReadLogInput = { readonly project: string; readonly digest: string; readonly offset: number }
export type ReadLogResult = LogPage
export type ReadContentInput = { readonly project: string; readonly digest: string; readonly offset: number }
export type ReadContentResult = ContentPage
export type EvidenceInput = {
  readonly project: string
  readonly version: string
  /** Gathered anew, also where a bundle is kept. */
  readonly anew: boolean
  /** Begun by the sprint that ends: nobody waits for it. */
  readonly atTheEnd?: true
}
export type EvidenceResult = Evidence
/** `name`: a release tag, or a version. */
export type NotesInput = { readonly project: string; readonly name: string }
export type NotesResult = ReleaseNotes
export type ReleasePageInput = { readonly project: string; readonly tag: string }
export type LookForDriftInput = { readonly project: string; readonly environment: string }
export type CleanInput = { readonly project: string }
export type CleanResult = { readonly cleaned: readonly Cleaned[] }

export type {
  ConfirmWish,
  DeploymentReport,
  DeployRequest,
  EnvironmentReport,
  Following,
  HoldWish,
  MergeBackReport,
  OverrideWish,
  Resolution,
  ResolveWish,
  RollbackWish,
  SignOffWish,
  SprintCommand,
  SprintFacts,
  VetoLift,
  VetoWish,
  Vote,
}
