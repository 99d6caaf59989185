import { recorded } from '../timeline.ts'
import type { EnvironmentState } from './state.ts'

/** The target refused an attempt that came late. Nobody waits for its end any more, so that its worker says so. */
export type LateRefusal = { readonly epoch: number; readonly attempt: number; readonly reason: string }

export function absorbLateRefusal(state: EnvironmentState, { epoch, attempt, reason }: LateRefusal, now: number): EnvironmentState {
  // Of the newest attempt its deployment tells, and what follows from it.
  if (state.running?.epoch === epoch && state.running.attempt === attempt) return state
  const text = `epoch ${epoch}, attempt ${attempt}, came late and was refused by the target: ${reason}`
  return { ...state, entries: recorded(state.entries, now, 'refused', text) }
}
