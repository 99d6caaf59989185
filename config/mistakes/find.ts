import { safeParse, type z } from 'zod'
import { unionMistakes } from './union.ts'
import { unknownKey } from './unknown-key.ts'
import { alternatives, below, describeShape, descriptionOf, isOptional, valuesOf, type Schema } from '../shape.ts'
import { nearest } from './nearest.ts'
import { secret } from '../estate-access.ts'
import { maySecret, show } from './show.ts'
import { showKey } from './format-path.ts'
import type { Found, Mistake, Path } from '../problem.ts'

/** How a plain value was written in the file, for a hint that repeats it between quotes. */
export type SourceOf = (path: Path) => string | null

/** Everything in `value` that the schema does not allow, in the words of a person. `path` is where the value stands. */
export function findMistakes(schema: Schema, value: unknown, path: Path, sourceOf: SourceOf): readonly Found[] {
  const parsed = safeParse(schema, value)
  if (parsed.success) return []
  const found = parsed.error.issues.flatMap((issue) => translate({ schema, value, path, sourceOf }, issue))
  const meant = new Set(found.flatMap((each) => (each.meant ? [key(each.meant)] : [])))
  const places = new Set<string>()
  return found.filter((each) => {
    const place = `${each.kind === 'unknown-key'} ${key(each.path)}`
    // A value that fails two checks is one mistake.
    if (places.has(place) || (each.kind === 'missing' && meant.has(key(each.path)))) return false
    places.add(place)
    return true
  })
}

type Root = { readonly schema: Schema; readonly value: unknown; readonly path: Path; readonly sourceOf: SourceOf }

function translate(root: Root, issue: z.core.$ZodIssue): readonly Found[] {
  const within = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const path = [...root.path, ...within]
  const value = at(root.value, within)
  const schema = within.reduce<Schema | null>((each, part) => each && below(each, part), root.schema) ?? root.schema
  const again = (inner: Schema, innerValue: unknown, innerPath: Path) => findMistakes(inner, innerValue, innerPath, root.sourceOf)

  if (issue.code === 'unrecognized_keys') return issue.keys.flatMap((each) => unknownKey({ schema, value, path, key: each, again }))
  if (issue.code === 'invalid_key') return [invalidKey(path, issue.issues[0]?.message ?? 'another name'), ...again(schema, value, path)]
  if (value === undefined || value === null) return [missing(schema, path)]
  if (issue.code === 'invalid_union')
    return unionMistakes({ schema, value, path, again, wrong: () => wrongValue(root, schema, value, path, issue) })
  return [wrongValue(root, schema, value, path, issue)]
}

function missing(schema: Schema, path: Path): Mistake {
  const description = descriptionOf(schema)?.split(/\.(?:\s|$)/)[0]
  const expected = describeShape(schema)
  return {
    kind: 'missing',
    path,
    at: 'key',
    found: 'nothing',
    expected: description === undefined ? expected : `${expected} (${uncapitalised(description)})`,
    ...(isOptional(schema) ? { hint: 'leave the key out for the default' } : {}),
  }
}

function invalidKey(path: Path, expected: string): Mistake {
  const name = String(path.at(-1))
  return { kind: 'value', path, at: 'key', found: `the name ${showKey(name, path.slice(0, -1))}`, expected }
}

function wrongValue(root: Root, schema: Schema, value: unknown, path: Path, issue: z.core.$ZodIssue): Mistake {
  const hint = hintFor(root, schema, value, path)
  const mistake = {
    kind: 'value',
    path,
    at: 'value',
    found: show(value, path),
    expected: expected(schema, issue),
  } as const
  return hint === null ? mistake : { ...mistake, hint }
}

function expected(schema: Schema, issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'too_small':
    case 'too_big':
      return size(schema, issue)
    case 'invalid_type':
    case 'invalid_union':
      return describeShape(schema)
    default:
      return issue.message
  }
}

function size(schema: Schema, issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  // A message of the schema's own says more than a count.
  if (!issue.message.startsWith('Too ')) return issue.message
  if (issue.origin !== 'string' && issue.origin !== 'array') return describeShape(schema)
  const unit = issue.origin === 'string' ? 'character' : 'entry'
  const [word, count] = issue.code === 'too_small' ? (['at least', issue.minimum] as const) : (['at most', issue.maximum] as const)
  return `${word} ${count} ${Number(count) === 1 ? unit : unit === 'entry' ? 'entries' : `${unit}s`}`
}

function hintFor(root: Root, schema: Schema, value: unknown, path: Path): string | null {
  const shape = describeShape(schema)
  if ((typeof value === 'number' || typeof value === 'boolean') && /(^|\| |: )text/.test(shape)) {
    const shown = show(value, path)
    return shown === String(value) ? `put it between quotes: "${root.sourceOf(path) ?? shown}"` : 'put it between quotes'
  }
  if (typeof value !== 'string') return null
  if (maySecret(path) && shape === describeShape(secret)) return 'write where the value is found, not the value itself'
  if (/^a (whole )?number/.test(shape) && /^\d+(\.\d+)?$/.test(value)) return 'write it without quotes'
  if (shape === 'true or false' && /^(yes|no|on|off)$/i.test(value)) return `did you mean ${/^(yes|on)$/i.test(value)}?`
  if (shape === 'a list') return 'put it between [ ]'
  const near = nearest(value, alternatives(schema).flatMap(valuesOf))
  return near === null ? null : `did you mean "${near}"?`
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((each, part) => {
    if (typeof each !== 'object' || each === null || !Object.hasOwn(each, part)) return undefined
    return (each as Record<string, unknown>)[part]
  }, value)
}

function uncapitalised(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text
}

function key(path: Path): string {
  return JSON.stringify(path)
}
