import type { EstateFile } from '../config/estate-schema.ts'

/** What every activity gets from the attempt it runs in; Temporal's own Context stands behind it in a worker. */
export type AttemptContext = {
  /** Aborted when the activity is cancelled, times out or the worker shuts down: stop child processes, ssh and fetches. */
  readonly signal: AbortSignal
  /** Tells Temporal that the attempt lives; `line` is shown to whoever watches. */
  readonly heartbeat: (details: { line: string }) => void
}

/** The estate as it was loaded when the worker started, relative paths already resolved. */
export type Estate = { readonly file: EstateFile; readonly hash: string }

/** What the worker hands to all activities. */
export type ActivityDeps = {
  readonly estate: Estate
  /** A folder of the worker's own: mirrors, worktrees, temporary files. */
  readonly stateFolder: string
  /** The worker's environment, where secrets by reference are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly attempt: () => AttemptContext
}
