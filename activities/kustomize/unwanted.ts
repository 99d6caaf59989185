import type { Drift } from '../../domain/environment/drift.ts'
import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { discover, versionPath } from './discovery.ts'
import { fenceName } from './fence-token.ts'
import { lists, readEntry, type InventoryEntry, type InventoryObject } from './inventory.ts'
import { lastChangeOfAny } from './last-change.ts'
import type { Live } from './live.ts'
import { spoken } from './manifests.ts'
import { HOOK } from './hook-request.ts'
import { FENCE, MANAGED_BY, ownerOf, sameOwner, type Owner } from './ownership.ts'

type Known = {
  readonly wanted: readonly InventoryEntry[]
  /** What the fence lists: more than what is wanted where a deployment ended half-way. */
  readonly inventory: readonly InventoryEntry[]
}

/**
 * Objects of the kinds that were ever applied here which carry this environment's mark and a fence's token, as everything
 * that Slipway applies does, and are not of the content: left over, or copied by hand.
 */
export async function unwantedObjects(
  kubernetes: Kubernetes,
  namespace: string,
  owner: Owner,
  { wanted, inventory }: Known,
): Promise<readonly Drift[]> {
  const kinds = [
    ...new Map([...wanted, ...inventory].flatMap((entry) => readEntry(entry) ?? []).map((each) => [kindOf(each), each])).values(),
  ]
  const discovery = await discover(kubernetes, kinds)
  const found = await Promise.all(
    kinds.map(async ({ apiVersion, kind }) => {
      const resource = discovery.resource({ apiVersion, kind })
      if (!resource?.namespaced) return []
      const path = `${versionPath(apiVersion)}/namespaces/${namespace}/${resource.plural}`
      // `managed-by` may be the team's own word: then the inventory alone tells.
      const listed = await listOf(kubernetes, path)
      return listed
        .filter((live) => isUnwanted(live, { apiVersion, kind, name: live.metadata.name }, owner, wanted))
        .map((live) => driftOf(kind, live))
    }),
  )
  return found.flat()
}

async function listOf(kubernetes: Kubernetes, path: string): Promise<readonly Live[]> {
  const answer = await kubernetes.ask({ method: 'GET', path, query: { labelSelector: `${MANAGED_BY}=slipway` } })
  // Applying needs no right to list: without it these are not known.
  if (answer.status === 403) return []
  return (expectAnswer(kubernetes, answer, `list ${path}`) as { items: readonly Live[] }).items
}

function isUnwanted(live: Live, object: InventoryObject, owner: Owner, wanted: readonly InventoryEntry[]): boolean {
  const { annotations, ownerReferences = [], deletionTimestamp } = live.metadata
  const mark = ownerOf(live)
  // What a controller makes carries the marks of what it was made for.
  const isMade = ownerReferences.some((each) => each.controller === true)
  const isOurs = mark !== null && sameOwner(mark, owner) && annotations?.[FENCE] !== undefined
  // A hook's Job says how it ended until the next deployment begins.
  const isHook = annotations?.[HOOK] !== undefined
  return isOurs && !isMade && !isHook && deletionTimestamp === undefined && object.name !== fenceName(owner) && !lists(wanted, object)
}

function driftOf(kind: string, live: Live): Drift {
  const { by, at } = lastChangeOfAny(live)
  const found = 'there, and not of what was applied'
  return { object: spoken({ kind, name: live.metadata.name }), field: null, expected: 'not there', found, by, at }
}

function kindOf({ apiVersion, kind }: InventoryObject): string {
  return `${apiVersion}/${kind}`
}
