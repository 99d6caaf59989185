import { createHash } from 'node:crypto'

/**
 * sha256 of a value's canonical JSON, 64 hexadecimal digits: the same for two files that mean the same, whatever their
 * comments, their order of keys and the defaults that they spell out.
 */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

/** JSON without white space, keys sorted by code unit, absent for undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`expected a finite number, found ${value}`)
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`expected a JSON value, found a ${typeof value}`)
  return text
}
