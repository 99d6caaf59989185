import type { Fence } from '../contract.ts'
import { permanent, transient } from '../failure.ts'
import { isOvertaken } from '../overtaken.ts'
import { expectAnswer, refusalFailure } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { fenceName, readFence, spokenFence } from './fence-token.ts'
import { parseInventory, type InventoryEntry } from './inventory.ts'
import type { Live } from './live.ts'
import { ownMetadata, type Owner } from './ownership.ts'

/** Where the environment's fence lies: a ConfigMap in its namespace, which also lists what Slipway put there. */
export type FencePlace = { readonly kubernetes: Kubernetes; readonly namespace: string; readonly owner: Owner }

export type FenceState = {
  /** Null when there was never a deployment. */
  readonly held: Fence | null
  readonly inventory: readonly InventoryEntry[]
  readonly resourceVersion: string | null
}

export type FenceData = { readonly revision: string; readonly tag: string; readonly inventory: readonly InventoryEntry[] }

const ATTEMPTS = 5

/** What the fence says now; a fence of a younger deployment is a permanent `Fenced`. */
export async function checkFence(place: FencePlace, mine: Fence): Promise<FenceState> {
  const state = await lookAtFence(place)
  if (state.held !== null && isOvertaken(mine, state.held)) throw fenced(place.owner.environment, mine, state.held)
  return state
}

/** What the fence says now, whoever asks. */
export async function lookAtFence(place: FencePlace): Promise<FenceState> {
  const { kubernetes, owner } = place
  const answer = await kubernetes.ask({ method: 'GET', path: fencePath(place) })
  if (answer.status === 404) return { held: null, inventory: [], resourceVersion: null }
  const found = expectAnswer(kubernetes, answer, `read the ConfigMap ${fenceName(owner)}`) as Live & { data?: Record<string, string> }
  const held = readFence(found.data)
  if (!held) {
    const words = `The ConfigMap ${fenceName(owner)} in namespace ${place.namespace} should hold epoch and attempt as numbers and does not: put them right, or delete it if no deployment runs.`
    throw permanent('Conflict', words)
  }
  return { held, inventory: parseInventory(found.data?.['inventory']), resourceVersion: found.metadata.resourceVersion ?? null }
}

/**
 * Takes the fence for this deployment, only over the state that was judged: when somebody else wrote in between, judges again.
 * The inventory given is written as it is.
 */
export async function takeFence(place: FencePlace, mine: Fence, data: FenceData, judged: FenceState): Promise<FenceState> {
  const { kubernetes, owner, namespace } = place
  let state = judged
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: fenceName(owner),
        namespace,
        ...fenceMetadata(owner),
        ...(state.resourceVersion ? { resourceVersion: state.resourceVersion } : {}),
      },
      data: {
        epoch: String(mine.epoch),
        attempt: String(mine.attempt),
        ...(mine.identity === undefined ? {} : { identity: mine.identity }),
        revision: data.revision,
        tag: data.tag,
        inventory: JSON.stringify(data.inventory),
      },
    })
    const answer = state.resourceVersion
      ? await kubernetes.ask({ method: 'PUT', path: fencePath(place), body })
      : await kubernetes.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/configmaps`, body })
    if (answer.status === 200 || answer.status === 201) {
      const { metadata } = JSON.parse(answer.text) as Live
      return { held: mine, inventory: data.inventory, resourceVersion: metadata.resourceVersion ?? null }
    }
    const replaced = answer.status === 409 || (answer.status === 404 && state.resourceVersion !== null)
    if (!replaced) throw refusalFailure(kubernetes.server, answer, `write the ConfigMap ${fenceName(owner)} in namespace ${namespace}`)
    state = await checkFence(place, mine)
  }
  throw transient(`The fence of ${owner.environment} changed ${ATTEMPTS} times while it was taken.`)
}

/** The label is how the admission policy finds it. */
function fenceMetadata(owner: Owner) {
  const { labels, annotations } = ownMetadata(owner)
  return { labels: { ...labels, 'slipway/holds': 'fence' }, annotations }
}

function fencePath({ namespace, owner }: FencePlace): string {
  return `/api/v1/namespaces/${namespace}/configmaps/${fenceName(owner)}`
}

/** The refusal of an older token, naming both. */
export function fenced(environment: string, mine: Fence, held: Fence): Error {
  return permanent(
    'Fenced',
    `This is deployment ${spokenFence(mine, held)} (epoch.attempt) of ${environment}, and ${spokenFence(held, mine)} already holds its namespace: nothing was changed.`,
    { mine, held },
  )
}
