import { withRejected } from './rejected.ts'
import { closeRequest } from './requests.ts'
import type { EnvironmentState } from './state.ts'

/** A sprint takes back what it asked for. What is being deployed goes on to its end. */
export type Withdraw = {
  readonly version: string
  readonly tag: string
  readonly reason: string
  /** False when the sprint has ended: then nobody asks for it once more either. */
  readonly mayReturn: boolean
}

export function absorbWithdraw(state: EnvironmentState, { version, tag, reason, mayReturn }: Withdraw, now: number): EnvironmentState {
  const by = { kind: 'automation', name: `sprint ${version}` } as const
  const next = state.waiting
    .filter(({ request }) => request.version === version && request.tag === tag && request.rollback === undefined)
    .reduce(
      (rest, { request }) => ({
        ...closeRequest(rest, request, 'aborted', reason, by, now),
        rejected: withRejected(rest.rejected, request),
      }),
      state,
    )
  if (mayReturn) return next
  const closed = next.closed.map((each) => (each.version === version ? { ...each, over: true as const } : each))
  return { ...next, closed, rejected: next.rejected.filter((each) => each.version !== version) }
}
