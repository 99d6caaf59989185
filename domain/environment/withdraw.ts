import { closeRequest } from './requests.ts'
import type { EnvironmentState } from './state.ts'

/** A sprint takes back what it asked for. What is being deployed goes on to its end. */
export type Withdraw = { readonly version: string; readonly tag: string; readonly reason: string }

export function absorbWithdraw(state: EnvironmentState, { version, tag, reason }: Withdraw, now: number): EnvironmentState {
  const by = { kind: 'automation', name: `sprint ${version}` } as const
  return state.waiting
    .filter(({ request }) => request.version === version && request.tag === tag)
    .reduce((next, { request }) => ({ ...closeRequest(next, request, 'aborted', reason, by, now), rejected: request }), state)
}
