import { createHash } from 'node:crypto'
import { canonicalJson } from '../domain/canonical-json.ts'

/**
 * sha256 of a value's canonical JSON, 64 hexadecimal digits: the same for two files that mean the same, whatever their
 * comments, their order of keys and the defaults that they spell out.
 */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

export { canonicalJson }
