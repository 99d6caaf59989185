import type { Action } from '../../domain/authorise.ts'

/** Who may do what, on a guarded environment (G) and on one that nobody guards (O): the whole table, by initials of the roles. */
const TABLE: Readonly<Record<Action, readonly [guarded: string, open: string]>> = {
  approve: ['a', 'a'],
  reject: ['a', 'a'],
  withdrawApproval: ['a', 'a'],
  signOff: ['q', 'q'],
  retry: ['dqra', 'dqra'],
  rollback: ['ra', 'dqra'],
  override: ['ra', 'ra'],
  force: ['ra', 'ra'],
  veto: ['ra', 'dqra'],
  unveto: ['ra', 'dqra'],
  resolve: ['ra', 'dqra'],
  adopt: ['r', 'r'],
  lock: ['qra', 'dqra'],
  unlock: ['qra', 'dqra'],
  pin: ['qra', 'dqra'],
  unpin: ['qra', 'dqra'],
  breakGlass: ['a', 'a'],
  confirm: ['a', 'a'],
  addFeature: ['dr', 'dr'],
  removeFeature: ['dr', 'dr'],
  settleFeature: ['dr', 'dr'],
  cut: ['r', 'r'],
  tag: ['r', 'r'],
  hotfix: ['dr', 'dr'],
  finish: ['r', 'r'],
  abort: ['r', 'r'],
  startSprint: ['r', 'r'],
  openHotfix: ['dr', 'dr'],
  adoptSprint: ['r', 'r'],
  retryBuilds: ['dqra', 'dqra'],
}
export const ACTIONS = Object.keys(TABLE) as Action[]

/** @param role one of the roles, or `stranger` for somebody who has none */
export function mayBe(action: Action, role: string, guarded: boolean): boolean {
  return role === 'admin' || (role !== 'stranger' && TABLE[action][guarded ? 0 : 1].includes(role[0] ?? ' '))
}
