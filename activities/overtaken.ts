import type { Fence } from './contract.ts'

/**
 * Whether a target that holds `held` refuses `mine`: a younger epoch has it; or the same one of another deployment, which is
 * so when Temporal was restored from a backup and counts anew; or a younger attempt. A token without an identity was written
 * by an earlier version, and fits any.
 */
export function isOvertaken(mine: Fence, held: Fence): boolean {
  if (mine.epoch !== held.epoch) return mine.epoch < held.epoch
  return isAnother(mine, held) || mine.attempt < held.attempt
}

/** Two deployments that were given the same epoch. */
export function isAnother(mine: Fence, held: Fence): boolean {
  return mine.epoch === held.epoch && mine.identity !== undefined && held.identity !== undefined && mine.identity !== held.identity
}

export function isIdentity(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text)
}
