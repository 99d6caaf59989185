import type { Manifest } from './manifests.ts'
import { isNamespaceObject } from './kinds.ts'

/** One object that Slipway applied: `<apiVersion>/<kind>/<name>`, such as `apps/v1/Deployment/website`. */
export type InventoryEntry = string

export type InventoryObject = { readonly apiVersion: string; readonly kind: string; readonly name: string }

export function inventoryOf(manifests: readonly Manifest[]): readonly InventoryEntry[] {
  return manifests.filter((each) => !isNamespaceObject(each)).map(entryOf)
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

/** What the estate lets a deployment delete beside the rest. */
export type MayPrune = { readonly volumeClaims?: boolean | undefined }

/** What is no longer wanted and is to go. The same object under another version of its group is still the same object. */
export function leftOver(
  before: readonly InventoryEntry[],
  wanted: readonly InventoryEntry[],
  may: MayPrune = {},
): readonly InventoryObject[] {
  return unwanted(before, wanted).filter((object) => mayGo(object, may))
}

/** What is no longer wanted and stays, because it holds data and the estate does not let it go. */
export function heldBack(before: readonly InventoryEntry[], wanted: readonly InventoryEntry[], may: MayPrune): readonly InventoryObject[] {
  return unwanted(before, wanted).filter((object) => isClaim(object) && !mayGo(object, may))
}

export function entryOf({ apiVersion, kind, name }: InventoryObject): InventoryEntry {
  return `${apiVersion}/${kind}/${name}`
}

function unwanted(before: readonly InventoryEntry[], wanted: readonly InventoryEntry[]): readonly InventoryObject[] {
  const kept = new Set(wanted.flatMap((entry) => identity(entry) ?? []))
  return before.flatMap((entry) => (kept.has(identity(entry) ?? '') ? [] : (readEntry(entry) ?? [])))
}

/** A namespace holds the environment and its fence: no deployment could outlive its deletion. */
function mayGo(object: InventoryObject, { volumeClaims = false }: MayPrune): boolean {
  return object.kind !== 'Namespace' && (volumeClaims || !isClaim(object))
}

function isClaim({ apiVersion, kind }: InventoryObject): boolean {
  return apiVersion === 'v1' && kind === 'PersistentVolumeClaim'
}

/** True when the inventory lists the object, under whichever version of its group. */
export function lists(inventory: readonly InventoryEntry[], object: InventoryObject): boolean {
  const wanted = identity(entryOf(object))
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
