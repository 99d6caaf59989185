import type { Actor } from '../actor.ts'
import { recorded } from '../timeline.ts'
import type { Answer, Refusal } from '../wait.ts'
import type { EnvironmentState } from './state.ts'

/** What a person's word comes to: the state after it, and the answer. */
export type Judged = { readonly state: EnvironmentState; readonly answer: Answer<{ text: string }> }

/** A denial is recorded like what took: what was tried, by whom, and why not. @param what `rollback to epoch 4` */
export function denied(state: EnvironmentState, what: string, by: Actor, refusal: Refusal, now: number): Judged {
  const entries = recorded(state.entries, now, 'denied', `${what} was denied: ${refusal.reason}`, by)
  return { state: { ...state, entries }, answer: refusal }
}
