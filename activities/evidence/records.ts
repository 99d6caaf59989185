import type { EnvironmentState } from '../../domain/environment/state.ts'
import type { SprintState } from '../../domain/sprint/state.ts'

/** What Temporal still knows of a project's workflows; the worker asks it. */
export type Records = {
  /** Null when Temporal knows no such sprint (any more). */
  readonly sprint: (project: string, version: string) => Promise<SprintState | null>
  readonly environment: (project: string, name: string) => Promise<EnvironmentState | null>
  /** Every run of the workflows that are concerned, those first that say most. */
  readonly runs: (project: string, concerned: Concerned) => Promise<readonly Run[]>
  /** A run's history as Temporal's own JSON, with payloads that a codec made unreadable in plain again. */
  readonly history: (run: Run) => Promise<string>
}

export type Concerned = {
  readonly version: string
  readonly environments: readonly string[]
  readonly deployments: readonly { readonly environment: string; readonly epoch: number }[]
  readonly revisions: readonly string[]
  /** Milliseconds since 1970: what ended before is none of it. */
  readonly since: number
}

export type Run = {
  readonly workflowId: string
  readonly runId: string
  readonly type: string
  readonly historyBytes: number
}
