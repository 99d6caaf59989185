import { cut } from '../../domain/cut.ts'
import type { FieldDifference } from './owned-fields.ts'

const LONGEST = 120
const AS_APPLIED = 'as applied'

/**
 * The two sides of a difference, for a person. What a Secret holds is never said; nor is the value of a container's
 * environment variable: what somebody put there by hand may be one.
 */
export function shownDifference(kind: string, { path, expected, found }: FieldDifference): { expected: string; found: string } {
  const isHidden = kind === 'Secret' ? !path.startsWith('.metadata') : /\.env\[/.test(path)
  if (isHidden) return { expected: AS_APPLIED, found: found === undefined ? 'missing' : 'changed' }
  return { expected: shown(expected), found: shown(found) }
}

/** A scalar as it is; of what holds others only what it has, never their values. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return cut(value, LONGEST)
  if (Array.isArray(value)) {
    return value.every((item) => typeof item !== 'object' || item === null)
      ? cut(JSON.stringify(value), LONGEST)
      : `a list of ${value.length}`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value)
  return names.length === 0 ? 'empty' : cut(`one with ${names.join(', ')}`, LONGEST)
}
