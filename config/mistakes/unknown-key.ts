import { below, keysOf, type Schema } from '../shape.ts'
import { nearest } from './nearest.ts'
import { showKey } from './format-path.ts'
import type { Found, Path } from '../problem.ts'

/** A key that the schema does not know, and what is wrong below it if it was meant to be another one. */
export function unknownKey(input: {
  readonly schema: Schema
  readonly value: unknown
  readonly path: Path
  readonly key: string
  readonly again: (schema: Schema, value: unknown, path: Path) => readonly Found[]
}): readonly Found[] {
  const { schema, value, path, key, again } = input
  const siblings = value as Readonly<Record<string, unknown>>
  const known = keysOf(schema)
  const near = nearest(
    key,
    known.filter((each) => !Object.hasOwn(siblings, each)),
  )
  const hint = near === null ? otherHint(schema, key) : `did you mean "${near}"?`
  const mistake: Found = {
    kind: 'unknown-key',
    path: [...path, key],
    at: 'key',
    found: showKey(key, path),
    expected: known.length === 0 ? 'none' : `one of ${known.join(', ')}`,
    ...(hint === null ? {} : { hint }),
    ...(near === null ? {} : { meant: [...path, near] }),
  }
  const inner = near === null ? null : below(schema, near)
  return inner === null ? [mistake] : [mistake, ...again(inner, siblings[key], [...path, key])]
}

function otherHint(schema: Schema, key: string): string | null {
  if (key === '<<') return 'merge keys are not read; write the keys out, or use an alias for a whole value'
  const parent = keysOf(schema).find((each) => {
    const inner = below(schema, each)
    return inner !== null && keysOf(inner).includes(key)
  })
  return parent === undefined ? null : `it belongs below "${parent}"`
}
