import type { Conditions, Measured } from '../results.ts'

/** Milliseconds throughout. */
export type EnvironmentFindings = { readonly plan: PlanResult | null }

export type EnvironmentResults = Conditions & EnvironmentFindings

export type PlanResult = {
  readonly objects: number
  readonly changed: number
  /** In the order of the table, by what is done. */
  readonly rows: readonly { readonly what: string; readonly took: Measured }[]
}
