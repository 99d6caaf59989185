import { recorded } from '../timeline.ts'
import { verifiedHere, type Deployed, type EnvironmentState } from './state.ts'

/** More than snapshots that one can go back to, so that a number comes round late; few enough for a registry to list. */
const NAMES = 32

/**
 * The number for what is deployed as the newest epoch: the epoch's own, going round, or the next one under which nothing that
 * one can go back to keeps its digests. Temporal may have forgotten who had which, and the epoch goes on from the target's: so
 * what was kept before stays named while there is anything to go back to.
 */
export function freeName(state: EnvironmentState): number {
  const taken = new Set(verifiedHere(state).map(({ kept }) => kept))
  for (let number = state.epoch + NAMES - 1; ; number++) if (!taken.has((number % NAMES) + 1)) return (number % NAMES) + 1
}

/** The tag that keeps a snapshot's digests from a registry's clean-up, such as `slipway-keep-prod-3`. */
export function keptAs(environment: string, number: number): string {
  return `slipway-keep-${environment}-${number}`
}

/** What was taken over keeps its digests, too; that this failed holds up nothing and is written down. */
export function absorbKept(
  state: EnvironmentState,
  epoch: number,
  kept: number | { readonly problem: string },
  now: number,
): EnvironmentState {
  if (typeof kept !== 'number') return { ...state, entries: recorded(state.entries, now, 'notKept', kept.problem) }
  const named = <T extends Deployed | null>(each: T): T => (each?.epoch === epoch ? { ...each, kept } : each)
  return { ...state, current: named(state.current), past: state.past.map((each) => named(each)) }
}
