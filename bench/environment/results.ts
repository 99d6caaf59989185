import type { Size } from '../history/size.ts'
import type { Target } from '../ways/way.ts'
import type { Conditions, Measured } from '../results.ts'

/** Milliseconds throughout. */
export type EnvironmentFindings = {
  readonly plan: PlanResult | null
  readonly crash: readonly CrashResult[] | null
  readonly storm: StormResult | null
  readonly approval: ApprovalResult | null
}

export type EnvironmentResults = Conditions & EnvironmentFindings

export type PlanResult = {
  readonly objects: number
  readonly changed: number
  /** In the order of the table, by what is done. */
  readonly rows: readonly { readonly what: string; readonly took: Measured }[]
}

export type CrashResult = {
  readonly target: Target
  /** From the end of the apply that put the crashing version there until the one before was verified again. */
  readonly back: Measured
  /** For how long at most nobody answered with the version before. */
  readonly silent: Measured
}

export type StormResult = {
  readonly pushes: number
  readonly withinSeconds: number
  readonly storm: StormCost
  /** One push alone, on the same project. */
  readonly single: StormCost
}

export type StormCost = {
  readonly pushedMs: number
  /** From the last push until it is deployed and verified. */
  readonly settledMs: number
  readonly builds: number
  readonly deployments: number
  readonly activities: number
  /** Of the repository and the environment. */
  readonly entities: Size
}

/** From the start of the command. */
export type ApprovalResult = { readonly answered: Measured; readonly begun: Measured }
