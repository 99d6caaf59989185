import { heldBy } from '../../domain/environment/lock.ts'
import type { EnvironmentState } from '../../domain/environment/state.ts'

/**
 * The one word for an environment: what is being done there, else what is wrong there, else what runs there.
 * `held`: a request lacks what runs; `frozen`: one waits for the end of a freeze; `parked`: the newest request failed, and what ran before runs; `broken`: the target is as the failure left it.
 */
export type EnvironmentStatus =
  | 'empty'
  | 'verified'
  | 'deploying'
  | 'retrying'
  | 'awaitingApproval'
  | 'held'
  | 'frozen'
  | 'parked'
  | 'broken'

export function environmentStatus(state: EnvironmentState | null): { readonly status: EnvironmentStatus; readonly since: number | null } {
  if (state === null) return { status: 'empty', since: null }
  const { running, parked, current } = state
  if (running !== null) return { status: running.retry === null ? 'deploying' : 'retrying', since: running.since }
  if (parked !== null) return { status: parked.target === 'broken' ? 'broken' : 'parked', since: parked.since }
  const awaiting = state.waiting.find((waiting) => waiting.stage.kind === 'awaitingApproval')
  if (awaiting !== undefined) return { status: 'awaitingApproval', since: awaiting.since }
  const held = state.waiting.find((waiting) => waiting.stage.kind === 'held')
  if (held !== undefined) return { status: 'held', since: held.since }
  const frozen = state.waiting.find(({ stage, request }) => stage.kind === 'ready' && heldBy(state, request)?.kind === 'freeze')
  if (frozen !== undefined) return { status: 'frozen', since: frozen.since }
  return current === null ? { status: 'empty', since: null } : { status: 'verified', since: current.since }
}
