import { isDeepStrictEqual } from 'node:util'
import type { Fields } from './live.ts'

/** A field that is otherwise on the cluster than it was applied; `found` is undefined where it is not there. */
export type FieldDifference = {
  /** Its place in FieldsV1, such as `['f:spec', 'f:replicas']`. */
  readonly keys: readonly string[]
  /** For a person: `.spec.template.spec.containers[main].image`. */
  readonly path: string
  readonly expected: unknown
  readonly found: unknown
}

/**
 * Holds two states of an object against each other, in the fields that one manager decides and in no others.
 *
 * @param owned what the manager decides, as `managedFields` has it
 * @param applied the object as it would be if it were applied now: normalised by the same server, defaults and all
 */
export function differences(owned: Fields, applied: unknown, live: unknown): readonly FieldDifference[] {
  return [...walk(owned, applied, live, { keys: [], path: '' })]
}

type Place = { readonly keys: readonly string[]; readonly path: string }

function* walk(owned: Fields, applied: unknown, live: unknown, at: Place): Generator<FieldDifference> {
  const inner = Object.entries(owned).filter(([key]) => key !== '.')
  if (live === undefined || inner.length === 0) {
    if (!isDeepStrictEqual(applied, live)) yield { ...at, expected: applied, found: live }
    return
  }
  for (const [key, fields] of inner) {
    yield* walk(fields, pick(applied, key), pick(live, key), { keys: [...at.keys, key], path: `${at.path}${spokenKey(key)}` })
  }
}

/** FieldsV1 knows fields (`f:name`), list items by their keys (`k:{…}`), by their value (`v:…`) and by place (`i:3`). */
function pick(value: unknown, key: string): unknown {
  const rest = key.slice(2)
  switch (key.slice(0, 2)) {
    case 'f:':
      return isMap(value) && Object.hasOwn(value, rest) ? value[rest] : undefined
    case 'k:':
      return Array.isArray(value) ? value.find((item) => isItem(item, key)) : undefined
    case 'v:':
      return Array.isArray(value) ? value.find((item) => isDeepStrictEqual(item, parsed(rest))) : undefined
    case 'i:':
      return Array.isArray(value) ? value[Number(rest)] : undefined
    default:
      return undefined
  }
}

/** Whether a `k:{"name":"main"}` of FieldsV1 is this item of a list. */
export function isItem(item: unknown, key: string): boolean {
  const wanted = key.startsWith('k:') ? parsed(key.slice(2)) : null
  return isMap(item) && isMap(wanted) && Object.entries(wanted).every(([name, each]) => isDeepStrictEqual(item[name], each))
}

function spokenKey(key: string): string {
  const rest = key.slice(2)
  if (key.startsWith('f:')) return /^[A-Za-z0-9_-]+$/.test(rest) ? `.${rest}` : `[${JSON.stringify(rest)}]`
  if (!key.startsWith('k:')) return `[${rest}]`
  const entries = Object.entries(parsed(rest) ?? {})
  return `[${entries.length === 1 ? String(entries[0]?.[1]) : entries.map(([name, value]) => `${name}=${value}`).join(',')}]`
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
