import { heldBy } from './lock.ts'
import { reservedBy } from './reservation.ts'
import type { EnvironmentState, Preparation, WaitingRequest } from './state.ts'

/** What the environment should do next; one at a time, for there is one writer. */
export type EnvironmentStep =
  | { readonly kind: 'prepare'; readonly waiting: WaitingRequest }
  | { readonly kind: 'start'; readonly waiting: WaitingRequest; readonly preparation: Preparation }

export function environmentStep(state: EnvironmentState): EnvironmentStep | null {
  // A request is prepared only against a target that stands still: what it replaces is part of what is approved.
  if (state.running !== null) return null
  for (const waiting of state.waiting) {
    const { stage, request } = waiting
    if (reservedBy(state, request) !== null) continue
    if (stage.kind === 'queued') return { kind: 'prepare', waiting }
    if (stage.kind === 'preparing') return null
    // A way back is what it is, whatever runs by now.
    const lapsed = request.rollback === undefined && stage.preparation.replacesEpoch !== (state.current?.epoch ?? null)
    if (lapsed) return { kind: 'prepare', waiting }
    if (stage.kind === 'ready' && heldBy(state, request) === null) return { kind: 'start', waiting, preparation: stage.preparation }
  }
  return null
}
