import type { Fields, Live, ManagedFields } from './live.ts'
import { FIELD_MANAGER, ownerOf } from './ownership.ts'

/** What `kubectl apply` calls itself, of the client's side and of the server's. All its other commands have other names. */
const KUBECTL_APPLY = new Set(['kubectl-client-side-apply', 'kubectl'])

export function isKubectlApply(manager: string): boolean {
  return KUBECTL_APPLY.has(manager)
}

/**
 * The entries after Slipway has taken over what `kubectl apply` decided, as kubectl itself does when an object moves from
 * client-side to server-side apply: its fields become Slipway's, so that one that the next overlay leaves out goes away as
 * it would have with kubectl. Everybody else's entries stay, and so do conflicts with them. Null when there is nothing to
 * take over: no such entry, or the object carries an owner's mark already.
 */
export function takenOver(live: Live, apiVersion: string): readonly ManagedFields[] | null {
  const entries = live.metadata.managedFields ?? []
  const theirs = entries.filter((each) => isKubectlApply(each.manager ?? '') && !each.subresource)
  if (theirs.length === 0 || ownerOf(live) !== null) return null
  const isOurs = (each: ManagedFields) => each.manager === FIELD_MANAGER && each.operation === 'Apply' && !each.subresource
  const merged = [...entries.filter(isOurs), ...theirs].filter((each) => each.apiVersion === apiVersion)
  const others = entries.filter((each) => !theirs.includes(each) && !isOurs(each))
  const [first] = merged
  // Fields that were set in another version of the kind cannot be named in this one: they become nobody's, and stay as they are.
  if (!first) return others
  const fieldsV1 = merged.map((each) => each.fieldsV1 ?? {}).reduce(union)
  return [...others, { ...first, manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 }]
}

/** Writes nothing but who decides, and only over exactly the object that was read. Null when there is nothing to take over. */
export function takeOverRequest(live: Live, apiVersion: string, path: string) {
  const fields = takenOver(live, apiVersion)
  if (fields === null) return null
  const { resourceVersion } = live.metadata
  return {
    method: 'PATCH' as const,
    path,
    query: { fieldManager: FIELD_MANAGER },
    contentType: 'application/json-patch+json',
    body: JSON.stringify([
      { op: 'replace', path: '/metadata/managedFields', value: fields },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ]),
  }
}

/** Both trees in one. A field without children stands for itself. */
function union(a: Fields, b: Fields): Fields {
  const result: Record<string, Fields> = { ...a }
  for (const [key, theirs] of Object.entries(b)) {
    const ours = Object.hasOwn(a, key) ? a[key] : undefined
    result[key] = ours === undefined ? theirs : isLeaf(ours) && isLeaf(theirs) ? {} : union(asNode(ours), asNode(theirs))
  }
  return result
}

function isLeaf(fields: Fields): boolean {
  return Object.keys(fields).length === 0
}

function asNode(fields: Fields): Fields {
  return isLeaf(fields) ? { '.': {} } : fields
}
