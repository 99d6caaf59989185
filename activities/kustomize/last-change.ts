import type { Fields, Live, ManagedFields } from './live.ts'
import { FIELD_MANAGER } from './ownership.ts'

export type LastChange = { readonly by: string | null; readonly at: number | null }

const UNKNOWN: LastChange = { by: null, at: null }

/** Who decided a field last, as `managedFields` knows it: who has it now. Who took one away leaves no trace there. */
export function lastChange(live: Live, keys: readonly string[]): LastChange {
  const holders = (live.metadata.managedFields ?? []).filter((each) => holds(each.fieldsV1 ?? {}, keys))
  const others = holders.filter((each) => !isOurs(each))
  return newest(others.length > 0 ? others : holders)
}

/** Who changed anything of the object last. */
export function lastChangeOfAny(live: Live): LastChange {
  return newest((live.metadata.managedFields ?? []).filter((each) => each.subresource !== 'status'))
}

export function isOurs({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === FIELD_MANAGER && operation === 'Apply' && !subresource
}

/** What is held above a field without saying what of it is held whole. */
function holds(fields: Fields, keys: readonly string[]): boolean {
  const [key, ...rest] = keys
  if (key === undefined) return true
  const inner = Object.hasOwn(fields, key) ? fields[key] : undefined
  if (inner === undefined) return false
  return Object.keys(inner).length === 0 || holds(inner, rest)
}

function newest(entries: readonly ManagedFields[]): LastChange {
  const last = entries.toSorted((a, b) => timeOf(b) - timeOf(a))[0]
  if (last === undefined) return UNKNOWN
  const how = [last.operation === 'Apply' ? 'apply' : null, last.subresource ?? null].filter((each) => each !== null && each !== '')
  return { by: `${last.manager ?? 'somebody'}${how.length === 0 ? '' : ` (${how.join(', ')})`}`, at: timeOf(last) || null }
}

function timeOf({ time }: ManagedFields): number {
  return Date.parse(time ?? '') || 0
}
