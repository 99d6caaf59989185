import { verifiedHere, type EnvironmentState } from './state.ts'

/** The lowest number under which nothing that one can go back to keeps its digests named. */
export function freeName(state: EnvironmentState): number {
  const taken = new Set(verifiedHere(state).map(({ kept }) => kept))
  for (let number = 1; ; number++) if (!taken.has(number)) return number
}

/** The tag that keeps a snapshot's digests from a registry's clean-up, such as `slipway-keep-prod-3`. */
export function keptAs(environment: string, number: number): string {
  return `slipway-keep-${environment}-${number}`
}
