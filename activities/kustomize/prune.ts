import type { Fence } from '../contract.ts'
import { expectAnswer, refusalFailure } from './answer.ts'
import { discover } from './discovery.ts'
import { checkFence, type FencePlace } from './fence.ts'
import type { InventoryObject } from './inventory.ts'
import type { Live } from './live.ts'
import { spoken } from './manifests.ts'
import { isFound, ownerOf, sameOwner, type Owner } from './ownership.ts'

const ATTEMPTS = 5

/** Why a volume claim stays. */
export const HOLDS_DATA = 'it holds data, and the estate does not let volume claims be deleted'

/** Which of what is held back are still there and this environment's: they stay listed, so that they go once they may. */
export async function stillOwned(place: FencePlace, objects: readonly InventoryObject[]): Promise<readonly InventoryObject[]> {
  const { kubernetes, namespace, owner } = place
  const discovery = objects.length === 0 ? null : await discover(kubernetes, objects)
  const owned = await Promise.all(
    objects.map(async (object) => {
      const path = discovery?.path(object, namespace, object.name)
      const found = path ? await kubernetes.ask({ method: 'GET', path }) : null
      if (!found || found.status === 404) return []
      const mark = ownerOf(expectAnswer(kubernetes, found, `read ${spoken(object)}`) as Live)
      return mark && sameOwner(mark, owner) ? [object] : []
    }),
  )
  return owned.flat()
}

/** Deletes what an earlier deployment put there and this one does not want, as long as it still carries this environment's mark. */
export async function prune(place: FencePlace, fence: Fence, objects: readonly InventoryObject[]): Promise<readonly string[]> {
  if (objects.length === 0) return []
  const discovery = await discover(place.kubernetes, objects)
  const lines = await Promise.all(
    objects.map(async (object) => {
      const path = discovery.path(object, place.namespace, object.name)
      return path && discovery.resource(object)?.namespaced ? await pruneObject(place, fence, object, path) : null
    }),
  )
  return lines.filter((line) => line !== null)
}

async function pruneObject(place: FencePlace, fence: Fence, object: InventoryObject, path: string): Promise<string | null> {
  const { kubernetes, owner } = place
  for (let attempt = 1; ; attempt++) {
    const found = await kubernetes.ask({ method: 'GET', path })
    if (found.status === 404) return null
    const live = expectAnswer(kubernetes, found, `read ${spoken(object)}`) as Live
    if (live.metadata.deletionTimestamp) return null
    const kept = whyKept(live, owner)
    if (kept !== null) return `${spoken(object)} kept: ${kept}`
    // Looked at before the fence is: if the fence is still ours now, what we saw is not a younger deployment's.
    await checkFence(place, fence)
    const { uid, resourceVersion } = live.metadata
    const body = JSON.stringify({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
      preconditions: { uid, resourceVersion },
    })
    const answer = await kubernetes.ask({ method: 'DELETE', path, body })
    if ((answer.status >= 200 && answer.status < 300) || answer.status === 404) return `${spoken(object)} deleted`
    if (answer.status !== 409 || attempt === ATTEMPTS) throw refusalFailure(kubernetes.server, answer, `delete ${spoken(object)}`)
  }
}

/** Why an object that is no longer wanted stays all the same; null when it goes. */
export function whyKept(live: Live, owner: Owner): string | null {
  const mark = ownerOf(live)
  if (!mark || !sameOwner(mark, owner)) return "it no longer carries Slipway's mark"
  return isFound(live) ? 'it was there before Slipway, which deletes only what it made' : null
}
