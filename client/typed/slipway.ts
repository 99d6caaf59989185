import type { Actor } from '../../domain/actor.ts'
import type { HoldKind } from '../../domain/environment/lock.ts'
import type { MergeBackState } from '../../domain/merge-back/state.ts'
import type { RepositoryState } from '../../domain/repository/state.ts'
import type { Answer } from '../../domain/wait.ts'
import type {
  BuildView,
  CleanResult,
  ConfirmWish,
  DoctorResult,
  DriftAnswer,
  EnvironmentView,
  EvidenceResult,
  HoldWish,
  NotesResult,
  OpenSprint,
  OverrideWish,
  PlanInput,
  PlanResult,
  ReadContentResult,
  ReadLogResult,
  ResolveWish,
  Review,
  RollbackWish,
  SignOffWish,
  SprintCommand,
  SprintView,
  StartSprint,
  VetoLift,
  VetoWish,
  Vote,
} from '../../workflows/messages.ts'

/**
 * One project, as seen through Temporal. Every method fails with a CliError: unreachable, no worker, not known. What the
 * state machines refuse is an answer.
 */
export type Slipway = {
  readonly project: string
  /** Where this Temporal is, for messages. */
  readonly address: string
  readonly repository: () => Promise<RepositoryState>
  readonly startSprint: (wish: StartSprint) => Promise<Answer<{ text: string; version: string }>>
  /** Opens a version anew for a hotfix, or takes one over. */
  readonly openSprint: (wish: OpenSprint) => Promise<Answer<{ text: string; version: string }>>
  readonly retryBuilds: (by: Actor) => Promise<Answer<{ text: string; revisions: string[] }>>
  readonly hint: () => Promise<void>
  /** Null when this Temporal knows no such sprint. */
  readonly sprint: (version: string) => Promise<SprintView | null>
  /** How a sprint ended that is not open any more, such as `finished`; null when it is open or not known to have ended well. */
  readonly sprintEnd: (version: string) => Promise<string | null>
  readonly command: (version: string, command: SprintCommand, by: Actor) => Promise<Answer<{ text: string; notes: string[] }>>
  /** Null when this Temporal knows no such environment. */
  readonly environment: (name: string) => Promise<EnvironmentView | null>
  readonly approve: (environment: string, vote: Vote) => Promise<Answer<{ text: string }>>
  readonly reject: (environment: string, vote: Vote) => Promise<Answer<{ text: string }>>
  /** Takes one's own approval back. */
  readonly withdrawApproval: (environment: string, vote: Vote) => Promise<Answer<{ text: string }>>
  readonly signOff: (environment: string, wish: SignOffWish) => Promise<Answer<{ text: string }>>
  readonly retry: (environment: string, by: Actor) => Promise<Answer<{ text: string }>>
  readonly rollback: (environment: string, wish: RollbackWish) => Promise<Answer<{ text: string }>>
  readonly override: (environment: string, wish: OverrideWish) => Promise<Answer<{ text: string }>>
  readonly hold: (environment: string, kind: HoldKind, wish: HoldWish) => Promise<Answer<{ text: string }>>
  readonly release: (environment: string, kind: HoldKind, wish: HoldWish) => Promise<Answer<{ text: string }>>
  readonly resolve: (environment: string, wish: ResolveWish) => Promise<Answer<{ text: string }>>
  /** Has a request looked at anew before somebody decides about it. */
  readonly review: (environment: string, request: string) => Promise<Answer<Review>>
  readonly confirm: (environment: string, wish: ConfirmWish) => Promise<Answer<{ text: string }>>
  readonly veto: (environment: string, wish: VetoWish) => Promise<Answer<{ text: string }>>
  readonly unveto: (environment: string, wish: VetoLift) => Promise<Answer<{ text: string }>>
  /** Takes over what runs there; `tag` says what that is, where it cannot be asked. */
  readonly adopt: (environment: string, wish: { readonly tag: string | null; readonly by: Actor }) => Promise<Answer<{ text: string }>>
  /** Has the target looked at: what of it is not as it was applied? */
  readonly inspect: (environment: string, by: Actor) => Promise<Answer<DriftAnswer>>
  /** Null when the merge-back of this tag is not known (any more). */
  readonly mergeBack: (tag: string) => Promise<MergeBackState | null>
  /** Null when the build is not known (any more). */
  readonly build: (revision: string) => Promise<BuildView | null>
  /** What the activities of a build or deployment say while they run; empty when it does not run. */
  readonly buildActivities: (revision: string) => Promise<PendingActivity[]>
  readonly deploymentActivities: (environment: string, epoch: number) => Promise<PendingActivity[]>
  readonly doctor: (environments: readonly string[] | null) => Promise<DoctorResult>
  /** Asked where the environment is deployed from; fails as a command does where that cannot say. */
  readonly plan: (input: Omit<PlanInput, 'project'>) => Promise<PlanResult>
  readonly readLog: (digest: string, offset: number) => Promise<ReadLogResult>
  /** Has the worker gather what is known of a version, or find what is kept of it. */
  readonly evidence: (version: string, anew: boolean) => Promise<EvidenceResult>
  /** What came with a release: of a tag, or of a version. */
  readonly notes: (name: string) => Promise<NotesResult>
  readonly readContent: (digest: string, offset: number) => Promise<ReadContentResult>
  readonly clean: () => Promise<CleanResult>
  readonly close: () => Promise<void>
}

/** An activity that is scheduled or runs, and what its heartbeat told last. */
export type PendingActivity = {
  readonly id: string
  readonly type: string
  readonly line: string | null
  /** The service it works on, where the heartbeat says so. */
  readonly service: string | null
}
