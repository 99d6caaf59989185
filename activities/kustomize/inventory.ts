import type { Manifest } from './manifests.ts'
import { isNamespaceObject } from './kinds.ts'

/** One object that Slipway applied: `<apiVersion>/<kind>/<name>`, such as `apps/v1/Deployment/website`. */
export type InventoryEntry = string

export type InventoryObject = { readonly apiVersion: string; readonly kind: string; readonly name: string }

export function inventoryOf(manifests: readonly Manifest[]): readonly InventoryEntry[] {
  return manifests.filter((each) => !isNamespaceObject(each)).map(({ apiVersion, kind, name }) => `${apiVersion}/${kind}/${name}`)
}

export function parseInventory(text: string | undefined): readonly InventoryEntry[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
  } catch {
    return []
  }
}

export function mergeInventories(a: readonly InventoryEntry[], b: readonly InventoryEntry[]): readonly InventoryEntry[] {
  return [...new Set([...a, ...b])]
}

/** What is no longer wanted. The same object under another version of its group is still the same object. */
export function leftOver(before: readonly InventoryEntry[], wanted: readonly InventoryEntry[]): readonly InventoryObject[] {
  const kept = new Set(wanted.flatMap((entry) => identity(entry) ?? []))
  return before.flatMap((entry) => {
    const object = readEntry(entry)
    // A volume's claim holds data and a namespace holds everything: those are deleted by people.
    const safe = object && object.kind !== 'PersistentVolumeClaim' && object.kind !== 'Namespace'
    return safe && !kept.has(identity(entry) ?? '') ? [object] : []
  })
}

/** True when the inventory lists the object, under whichever version of its group. */
export function lists(inventory: readonly InventoryEntry[], { apiVersion, kind, name }: InventoryObject): boolean {
  const wanted = identity(`${apiVersion}/${kind}/${name}`)
  return inventory.some((entry) => identity(entry) === wanted)
}

export function readEntry(entry: InventoryEntry): InventoryObject | null {
  const match = /^((?:[^/]+\/)?[^/]+)\/([^/]+)\/([^/]+)$/.exec(entry)
  return match ? { apiVersion: match[1]!, kind: match[2]!, name: match[3]! } : null
}

function identity(entry: InventoryEntry): string | null {
  const object = readEntry(entry)
  if (!object) return null
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
  return `${group}/${object.kind}/${object.name}`
}
