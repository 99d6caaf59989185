import { isMap } from 'yaml'
import { isNamespaceObject } from './kinds.ts'
import { setString, type Manifest } from './manifests.ts'

/** Who put an object there. Its annotations say it, so that nothing of somebody else is ever changed or deleted. */
export type Owner = { readonly project: string; readonly environment: string }

/** The field manager of everything that Slipway applies. */
export const FIELD_MANAGER = 'slipway'

export const PROJECT = 'slipway/project'
export const ENVIRONMENT = 'slipway/environment'
/** `<epoch>.<attempt>` of the last apply. Set at `apply` only: what is rendered holds no epoch. */
export const FENCE = 'slipway/fence'
/** Whose epoch that is, beside the token. */
export const IDENTITY = 'slipway/identity'
/** On an object that was there before Slipway first applied it: Slipway deletes only what it made. */
export const FOUND = 'slipway/found'

export const MANAGED_BY = 'app.kubernetes.io/managed-by'

/**
 * Marks the object itself, never its pod template: a mark there would restart pods. A Namespace is not marked: it may
 * hold more than one environment, and is never deleted by Slipway. A `managed-by` that the team has set stays.
 */
export function markOwner(manifest: Manifest, owner: Owner): void {
  if (isNamespaceObject(manifest)) return
  setMetadata(manifest, 'annotations', PROJECT, owner.project)
  setMetadata(manifest, 'annotations', ENVIRONMENT, owner.environment)
  if (manifest.document.getIn(['metadata', 'labels', MANAGED_BY]) === undefined) setMetadata(manifest, 'labels', MANAGED_BY, 'slipway')
}

/** Sets one label or annotation, also where the map is missing or null. */
export function setMetadata({ document }: Manifest, map: 'labels' | 'annotations', key: string, value: string): void {
  if (!isMap(document.getIn(['metadata', map]))) document.setIn(['metadata', map], document.createNode({}))
  setString(document, ['metadata', map, key], value)
}

/** Whose an object on the cluster is; null when it carries no mark of Slipway. */
export function ownerOf(live: { metadata?: { annotations?: Record<string, string> } }): Owner | null {
  const annotations = live.metadata?.annotations ?? {}
  const project = annotations[PROJECT]
  const environment = annotations[ENVIRONMENT]
  return project && environment ? { project, environment } : null
}

/** True for what Slipway did not make, as long as it is marked, and for what it never touched. */
export function isFound(live: { metadata?: { annotations?: Record<string, string> } }): boolean {
  return ownerOf(live) === null || live.metadata?.annotations?.[FOUND] !== undefined
}

export function sameOwner(a: Owner, b: Owner): boolean {
  return a.project === b.project && a.environment === b.environment
}

/** Names and labels for objects that Slipway makes for itself. */
export function ownMetadata(owner: Owner): { labels: Record<string, string>; annotations: Record<string, string> } {
  return { labels: { [MANAGED_BY]: 'slipway' }, annotations: { [PROJECT]: owner.project, [ENVIRONMENT]: owner.environment } }
}
