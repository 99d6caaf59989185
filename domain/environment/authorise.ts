import type { Actor } from '../actor.ts'
import { authorise as judge, type EnvironmentAction, type Policy } from '../authorise.ts'
import type { EnvironmentSettings } from '../settings.ts'
import { refuse, type Refusal } from '../wait.ts'

export type { EnvironmentAction as Action } from '../authorise.ts'

/** Of these it has to be known who decides here; before the first request was rendered there is nothing to decide. */
const NEEDS_SETTINGS: ReadonlySet<EnvironmentAction> = new Set([
  'approve',
  'reject',
  'withdrawApproval',
  'rollback',
  'override',
  'veto',
  'unveto',
  'resolve',
  'breakGlass',
  'confirm',
])

/** What an environment says about who may; see the one function that it asks. */
export function authorise(action: EnvironmentAction, by: Actor, settings: EnvironmentSettings | null): Refusal | null {
  const isPerson = by.kind === 'person' && by.name.trim() !== ''
  if (settings === null && isPerson && NEEDS_SETTINGS.has(action))
    return refuse('nothing is known of this environment yet; nothing was ever asked for here')
  return judge(action, by, policyOf(settings))
}

export function policyOf(settings: EnvironmentSettings | null): Policy {
  if (settings === null) return { where: 'this environment', rights: null, approvers: [], guarded: false }
  const { name: where, rights = null, approvers, guarded } = settings
  return { where, rights, approvers, guarded }
}
