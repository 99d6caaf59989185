import type { Live } from './live.ts'
import { FENCE, FOUND, IDENTITY } from './ownership.ts'

/** The object without what the server keeps for itself and without what only an apply adds. */
export function essenceOf(object: Live): Essence {
  const { metadata, status: _status, ...rest } = object as Live & { status?: unknown }
  const { resourceVersion: _version, generation: _generation, managedFields: _fields, annotations, ...kept } = metadata
  const { [FENCE]: _fence, [IDENTITY]: _identity, [FOUND]: _found, ...others } = annotations ?? {}
  return { ...rest, metadata: { ...kept, annotations: others } }
}

export type Essence = { readonly kind?: string; readonly metadata: Live['metadata'] }

/** Without what controllers write down beside the object's own wishes, and what kubectl copied of the whole object. */
export function withoutNotes(essence: Essence): Essence {
  const { annotations = {}, ...kept } = essence.metadata
  const others = Object.entries(annotations).filter(([key]) => !NOTES.test(key))
  return { ...essence, metadata: { ...kept, ...(others.length > 0 ? { annotations: Object.fromEntries(others) } : {}) } }
}

const NOTES =
  /^(deployment\.kubernetes\.io\/|deprecated\.daemonset\.template\.generation$|kubectl\.kubernetes\.io\/last-applied-configuration$)/
