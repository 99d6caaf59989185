import type { Actor } from './actor.ts'
import type { Rights, Role } from './rights.ts'
import type { SprintCommandKind } from './sprint/commands.ts'
import { refuse, type Refusal } from './wait.ts'

export type EnvironmentAction =
  | 'approve'
  | 'reject'
  | 'withdrawApproval'
  | 'signOff'
  | 'retry'
  | 'rollback'
  | 'override'
  | 'force'
  | 'veto'
  | 'unveto'
  | 'adopt'
  | 'lock'
  | 'unlock'
  | 'pin'
  | 'unpin'
  | 'resolve'
  | 'breakGlass'
  | 'confirm'

export type RepositoryAction = 'startSprint' | 'openHotfix' | 'adoptSprint' | 'retryBuilds'

/** Everything that a person can do. */
export type Action = EnvironmentAction | SprintCommandKind | RepositoryAction

/** What decides who may: the same for whatever door the word came through. */
export type Policy = {
  /** For the refusal: `prod`, or `the sprint 1.0.0`. */
  readonly where: string
  readonly rights: Rights | null
  /** Who approves here; empty where that is a matter of roles alone. */
  readonly approvers: readonly string[]
  readonly guarded: boolean
}

const RELEASING: readonly Role[] = ['release-manager', 'approver']
const EVERY_HAND: readonly Role[] = ['developer', 'qa', 'release-manager', 'approver']

/** Who may do what where roles are named; `open` is said of environments that nobody guards. An admin may all of it. */
const WHO: Readonly<Record<Action, { readonly roles: readonly Role[]; readonly open?: readonly Role[] }>> = {
  approve: { roles: ['approver'] },
  reject: { roles: ['approver'] },
  withdrawApproval: { roles: ['approver'] },
  signOff: { roles: ['qa'] },
  retry: { roles: EVERY_HAND },
  rollback: { roles: RELEASING, open: EVERY_HAND },
  override: { roles: RELEASING },
  force: { roles: RELEASING },
  veto: { roles: RELEASING, open: EVERY_HAND },
  unveto: { roles: RELEASING, open: EVERY_HAND },
  resolve: { roles: RELEASING, open: EVERY_HAND },
  adopt: { roles: ['release-manager'] },
  lock: { roles: ['qa', ...RELEASING], open: EVERY_HAND },
  unlock: { roles: ['qa', ...RELEASING], open: EVERY_HAND },
  pin: { roles: ['qa', ...RELEASING], open: EVERY_HAND },
  unpin: { roles: ['qa', ...RELEASING], open: EVERY_HAND },
  breakGlass: { roles: ['approver'] },
  confirm: { roles: ['approver'] },
  addFeature: { roles: ['developer', 'release-manager'] },
  removeFeature: { roles: ['developer', 'release-manager'] },
  settleFeature: { roles: ['developer', 'release-manager'] },
  cut: { roles: ['release-manager'] },
  tag: { roles: ['release-manager'] },
  hotfix: { roles: ['developer', 'release-manager'] },
  finish: { roles: ['release-manager'] },
  abort: { roles: ['release-manager'] },
  startSprint: { roles: ['release-manager'] },
  openHotfix: { roles: ['developer', 'release-manager'] },
  adoptSprint: { roles: ['release-manager'] },
  retryBuilds: { roles: EVERY_HAND },
}

/** What decides about production is for those who decide there, also where no roles are named. */
const APPROVERS_ALONE: ReadonlySet<Action> = new Set([
  'approve',
  'reject',
  'withdrawApproval',
  'rollback',
  'force',
  'override',
  'veto',
  'unveto',
  'resolve',
])

/** What only the approvers of an environment do, where it names them. */
const VOTES: ReadonlySet<Action> = new Set(['approve', 'reject', 'withdrawApproval', 'breakGlass', 'confirm'])

/**
 * The one authorisation function: every door (Update, Signal) of every workflow goes through it. A name that nobody verified
 * is what the caller says: there it keeps honest people from mistakes, and does not keep out who reaches Temporal and lies.
 *
 * @returns the refusal, or null when the actor may
 */
export function authorise(action: Action, by: Actor, policy: Policy): Refusal | null {
  if (by.kind !== 'person' || by.name.trim() === '') return refuse(`${action} needs the name of a person`, [], 'rights')
  if (policy.rights?.verified === true && !by.verified) {
    return refuse(
      `${policy.where} asks for signed words, and nobody knows that this is ${by.name}: sign with --key FILE, or with the key that git signs with`,
      [],
      'rights',
    )
  }
  const who = whoMay(action, policy)
  if (who === null || who.includes(by.name)) return null
  const list = who.length === 0 ? 'nobody; the estate names nobody who may' : who.join(', ')
  return refuse(`${by.name} may not ${spoken(action)} in ${policy.where}; who may: ${list}`, [], 'rights')
}

/** The names of those who may; null: everybody. */
export function whoMay(action: Action, { rights, approvers, guarded }: Policy): readonly string[] | null {
  const roles = rights?.roles ?? null
  if (VOTES.has(action) && approvers.length > 0) return approvers
  if (roles === null) return APPROVERS_ALONE.has(action) && approvers.length > 0 ? approvers : null
  const { roles: named, open = named } = WHO[action]
  const may = guarded ? named : open
  return [...new Set([...may.flatMap((role) => roles[role]), ...(may.includes('approver') ? approvers : []), ...roles.admin])]
}

const SPOKEN: Readonly<Partial<Record<Action, string>>> = {
  breakGlass: 'break a freeze',
  confirm: 'confirm what began in a freeze',
  withdrawApproval: 'withdraw an approval',
  signOff: 'sign off',
  force: 'go back across what cannot be taken back',
  unveto: 'lift a veto',
  addFeature: 'list features',
  removeFeature: 'list features',
  settleFeature: 'settle features',
  startSprint: 'start a sprint',
  openHotfix: 'open a version for a hotfix',
  adoptSprint: 'take over a sprint',
  retryBuilds: 'have builds tried again',
}

function spoken(action: Action): string {
  return SPOKEN[action] ?? action
}
