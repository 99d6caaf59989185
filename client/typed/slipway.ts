import type { Actor } from '../../domain/actor.ts'
import type { RepositoryState } from '../../domain/repository/state.ts'
import type { Answer } from '../../domain/wait.ts'
import type {
  BuildView,
  CleanResult,
  DoctorResult,
  EnvironmentView,
  ReadLogResult,
  SignOffWish,
  SprintCommand,
  SprintView,
  StartSprint,
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
  readonly retryBuilds: (by: Actor) => Promise<Answer<{ text: string; revisions: string[] }>>
  readonly hint: () => Promise<void>
  /** Null when this Temporal knows no such sprint. */
  readonly sprint: (version: string) => Promise<SprintView | null>
  readonly command: (version: string, command: SprintCommand, by: Actor) => Promise<Answer<{ text: string; notes: string[] }>>
  /** Null when this Temporal knows no such environment. */
  readonly environment: (name: string) => Promise<EnvironmentView | null>
  readonly approve: (environment: string, vote: Vote) => Promise<Answer<{ text: string }>>
  readonly reject: (environment: string, vote: Vote) => Promise<Answer<{ text: string }>>
  readonly signOff: (environment: string, wish: SignOffWish) => Promise<Answer<{ text: string }>>
  readonly retry: (environment: string, by: Actor) => Promise<Answer<{ text: string }>>
  /** Null when the build is not known (any more). */
  readonly build: (revision: string) => Promise<BuildView | null>
  /** What the activities of a build or deployment say while they run; empty when it does not run. */
  readonly buildActivities: (revision: string) => Promise<PendingActivity[]>
  readonly deploymentActivities: (environment: string, epoch: number) => Promise<PendingActivity[]>
  readonly doctor: (environments: readonly string[] | null) => Promise<DoctorResult>
  readonly readLog: (digest: string, offset: number) => Promise<ReadLogResult>
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
