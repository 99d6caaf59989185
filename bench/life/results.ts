import type { Moments } from '../history/moments.ts'
import type { Size } from '../history/size.ts'
import type { Conditions, Measured } from '../results.ts'
import type { Target } from '../ways/way.ts'

/** Milliseconds throughout. */
export type LifeFindings = {
  readonly rollback: readonly RollbackResult[] | null
  /** From the start of `slipway finish` until the sprint is finished, on the small projects of the other parts. */
  readonly finish: Measured | null
  readonly merge: MergeResult | null
  readonly history: HistoryResult | null
}

export type LifeResults = Conditions & LifeFindings

export type RollbackResult = {
  readonly way: string
  readonly target: Target
  /** Until the old version answers. */
  readonly served: Measured
  /** Until the command says that it is done; with Slipway: until the environment says that it is verified. */
  readonly done: Measured
  /** The median of every moment on the way that Slipway has. */
  readonly moments: Moments
}

export type MergeResult = {
  readonly commits: number
  readonly releaseCommits: number
  readonly files: number
  /** In the order of the table, by what is done. */
  readonly rows: readonly { readonly what: string; readonly took: Measured }[]
}

export const KINDS = ['repository', 'build', 'environment', 'deployment', 'sprint', 'merge-back'] as const
export type Kind = (typeof KINDS)[number]

export type HistoryResult = {
  /** What one push adds, the median of each; `pushes` were counted. */
  readonly pushes: readonly {
    readonly branch: string
    readonly pushes: number
    readonly costs: readonly (Size & { readonly kind: Kind })[]
  }[]
  /** What a sprint that is finished left: all workflows of its project, which began with it. */
  readonly sprint: readonly (Size & { readonly kind: Kind; readonly workflows: number })[]
  /** One look at the remote by the timer that finds nothing new; null where none was seen. */
  readonly sweep: Size | null
  /** How long the history was when the server first suggested to continue as new. */
  readonly suggested: Size
}
