import type { Actor } from '../actor.ts'
import type { EnvironmentSettings } from '../settings.ts'
import { refuse, type Refusal } from '../wait.ts'

export type Action =
  | 'approve'
  | 'reject'
  | 'signOff'
  | 'retry'
  | 'rollback'
  | 'override'
  | 'unveto'
  | 'adopt'
  | 'lock'
  | 'unlock'
  | 'pin'
  | 'unpin'
  | 'resolve'
  | 'breakGlass'
  | 'confirm'

/** What decides about production is for those who decide there, where the estate names them. */
const APPROVERS_ALONE: ReadonlySet<Action> = new Set([
  'approve',
  'reject',
  'rollback',
  'override',
  'unveto',
  'resolve',
  'breakGlass',
  'confirm',
])

/**
 * The one authorisation function: every door (Update, Signal) goes through it. A name is what the caller says, so this
 * keeps honest people from mistakes; it does not keep out who reaches Temporal and lies.
 *
 * @returns the refusal, or null when the actor may
 */
export function authorise(action: Action, by: Actor, settings: EnvironmentSettings | null): Refusal | null {
  if (by.kind !== 'person' || by.name.trim() === '') return refuse(`${action} needs the name of a person`, [], 'rights')
  if (!APPROVERS_ALONE.has(action)) return null
  // Known since the first request was rendered: before that nothing waits for approval.
  if (settings === null) return refuse('nothing is known of this environment yet; nothing was ever asked for here')
  if (settings.approvers.length > 0 && !settings.approvers.includes(by.name)) {
    return refuse(`${by.name} may not ${action} in ${settings.name}; who may: ${settings.approvers.join(', ')}`, [], 'rights')
  }
  return null
}
