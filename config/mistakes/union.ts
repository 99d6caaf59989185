import { alternatives, describeShape, isMapping, keysOf, type Schema } from '../shape.ts'
import { unknownKey } from './unknown-key.ts'
import type { Found, Mistake, Path } from '../problem.ts'

/**
 * What is wrong with a value that fits none of several alternatives: the one that it resembles most is taken as meant,
 * so that the message is about the option that was written and not about all that could have been.
 */
export function unionMistakes(input: {
  readonly schema: Schema
  readonly value: unknown
  readonly path: Path
  readonly again: (schema: Schema, value: unknown, path: Path) => readonly Found[]
  readonly wrong: () => Mistake
}): readonly Found[] {
  const { schema, value, path, again, wrong } = input
  const all = alternatives(schema)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const plain = all.filter((each) => !isMapping(each) && typeof value === 'string' && describeShape(each) === 'text')
    return plain[0] ? again(plain[0], value, path) : [wrong()]
  }
  const keys = Object.keys(value)
  const known = new Set(keysOf(schema))
  const mappings = all.filter(isMapping)
  const best = mappings.toSorted((a, b) => count(b, keys) - count(a, keys))[0]
  if (!best || keys.length === 0) return [wrong()]
  if (count(best, keys) === 0) {
    return keys.slice(0, 1).flatMap((key) => unknownKey({ schema, value, path, key, again }))
  }
  const foreign = keys.filter((key) => known.has(key) && !keysOf(best).includes(key))
  return foreign.length > 0
    ? [
        several(
          schema,
          keys.filter((key) => known.has(key)),
          path,
        ),
      ]
    : again(best, value, path)
}

function several(schema: Schema, keys: readonly string[], path: Path): Mistake {
  return {
    kind: 'value',
    path,
    at: 'value',
    found: keys.map((key) => `"${key}"`).join(' and '),
    expected: `only ${describeShape(schema)}`,
  }
}

function count(schema: Schema, keys: readonly string[]): number {
  const own = keysOf(schema)
  return keys.filter((key) => own.includes(key)).length
}
