import { isDeepStrictEqual } from 'node:util'
import type { Fence } from '../contract.ts'
import type { ActInput } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import type { Discovery } from './discovery.ts'
import { essenceOf, withoutNotes } from './essence.ts'
import type { FencePlace } from './fence.ts'
import { markFence } from './fence-token.ts'
import { isNamespaceObject } from './kinds.ts'
import type { Live } from './live.ts'
import { formatManifest, parseManifests, setString, spoken, type Manifest } from './manifests.ts'
import { inventoryOf, lists, type InventoryEntry } from './inventory.ts'
import { FIELD_MANAGER, FOUND, isFound, ownerOf, sameOwner, setMetadata, type Owner } from './ownership.ts'
import { cannotDryRun, conflictingManagers, fixedFields, refusedObject } from './refused-object.ts'
import { isKubectlApply, takenOver } from './take-over.ts'

/** What applying an object would do. `applied`: the cluster could not say beforehand. `refused`: only another object in its place would do. */
type Change = 'created' | 'configured' | 'unchanged' | 'applied' | 'refused'

export type PlannedObject = {
  readonly manifest: Manifest
  readonly path: string
  readonly change: Change
  /** The object as it was when planned, null when there was none. */
  readonly live: Live | null
  /** The object as it would be, null where the cluster could not say. */
  readonly proposed: Live | null
  /** Fields that cannot change while the object is there, and what the cluster says of them. */
  readonly fixed: { readonly fields: readonly string[]; readonly refusal: Error } | null
  /** The object was there before Slipway first applied it. */
  readonly found: boolean
  /** It is of what was adopted: what kubectl decides about it becomes Slipway's. */
  readonly takeOver: boolean
}

export type PlanInput = {
  readonly kubernetes: Kubernetes
  readonly discovery: Discovery
  readonly namespace: string
  readonly owner: Owner
  readonly fence: Fence
  /** What the environment was found with, where it was adopted. */
  readonly adopted: readonly InventoryEntry[]
  /** A person wants back what others decide by now of what was applied. */
  readonly takeBack?: boolean
}

export function planInputOf(
  { kubernetes, namespace, owner }: FencePlace,
  discovery: Discovery,
  fence: Fence,
  { adopted, takeBack = false }: Pick<ActInput, 'adopted' | 'takeBack'>,
): PlanInput {
  return { kubernetes, discovery, namespace, owner, fence, adopted: adoptedOf(adopted), takeBack }
}

/** What was there before Slipway, when this deployment puts it back or replaces it. Unreadable content lets nothing be taken over. */
function adoptedOf(adopted: ActInput['adopted']): readonly InventoryEntry[] {
  const parsed = parseManifests(adopted?.toString('utf8') ?? '')
  return parsed.ok ? inventoryOf(parsed.value) : []
}

/**
 * Asks the cluster what applying the objects would do, by a server-side dry run of every one, before the first is written.
 * One that is refused refuses them all: nothing is left half applied.
 */
export async function planObjects(input: PlanInput, manifests: readonly Manifest[]): Promise<readonly PlannedObject[]> {
  return await Promise.all(manifests.map((manifest) => planObject(input, manifest)))
}

/** @throws the refusal of the first object that cannot become what is wanted */
export function expectApplicable(plan: readonly PlannedObject[]): void {
  const refused = plan.find((each) => each.fixed !== null)
  if (refused?.fixed) throw refused.fixed.refusal
}

/** Sends one object as it was rendered, plus its fence; `resourceVersion` makes it fail where the object has changed since. */
export function applyRequest(
  input: PlanInput,
  { manifest, path, found = false }: Pick<PlannedObject, 'manifest' | 'path'> & { readonly found?: boolean },
  { resourceVersion = null, trial = null }: { readonly resourceVersion?: string | null; readonly trial?: 'plain' | 'forced' | null },
) {
  const sent = { ...manifest, document: manifest.document.clone() }
  // The token on every object makes each apply a write: a sleeper that wakes with an older resourceVersion cannot win.
  if (!isNamespaceObject(manifest)) markFence(sent, input.fence)
  if (found) setMetadata(sent, 'annotations', FOUND, 'before Slipway')
  if (resourceVersion) setString(sent.document, ['metadata', 'resourceVersion'], resourceVersion)
  return {
    method: 'PATCH' as const,
    path,
    // Force is for asking, and for what a person wants back: nothing else that is written takes a field from somebody.
    query: {
      fieldManager: FIELD_MANAGER,
      ...(trial ? { dryRun: 'All' } : {}),
      ...(trial === 'forced' || (input.takeBack === true && !isNamespaceObject(manifest)) ? { force: 'true' } : {}),
    },
    contentType: 'application/apply-patch+yaml',
    body: formatManifest(sent),
    deadlineMs: 35_000,
  }
}

async function planObject(input: PlanInput, manifest: Manifest): Promise<PlannedObject> {
  const { kubernetes, namespace, owner } = input
  const path = input.discovery.path(manifest, namespace, manifest.name)
  if (!path) throw new TypeError(`no path for ${spoken(manifest)}`)
  const [there, asked] = await Promise.all([
    kubernetes.ask({ method: 'GET', path }),
    kubernetes.ask(applyRequest(input, { manifest, path }, { trial: 'plain' })),
  ])
  const live = there.status === 404 ? null : (expectAnswer(kubernetes, there, `read ${spoken(manifest)}`) as Live)
  const other = live && ownerOf(live)
  if (other && !sameOwner(other, owner)) {
    throw permanent(
      'Conflict',
      `${spoken(manifest)} in namespace ${namespace} belongs to ${other.environment} of project ${other.project}: give one of the two another name or namespace.`,
    )
  }
  const found = live !== null && !isNamespaceObject(manifest) && isFound(live)
  const takeOver = live !== null && lists(input.adopted, manifest) && takenOver(live, manifest.apiVersion) !== null
  const planned = { manifest, path, live, found, takeOver, proposed: null, fixed: null }
  const settled = (manager: string) => takeOver && isKubectlApply(manager)
  const managers = conflictingManagers(asked)
  const proposed =
    managers.length > 0 && managers.every(settled)
      ? await kubernetes.ask(applyRequest(input, { manifest, path }, { trial: 'forced' }))
      : asked
  if (cannotDryRun(proposed)) return { ...planned, change: 'applied' }
  if (proposed.status !== 200 && proposed.status !== 201) {
    const refusal = refusedObject(kubernetes.server, namespace, manifest, proposed, settled)
    const fields = live && fixedFields(proposed)
    if (!fields) throw refusal
    return { ...planned, change: 'refused', fixed: { fields, refusal } }
  }
  const wanted = JSON.parse(proposed.text) as Live
  const change = !live ? 'created' : isDeepStrictEqual(decided(live), decided(wanted)) ? 'unchanged' : 'configured'
  return { ...planned, change, proposed: wanted }
}

/** A controller may have noted something between the one answer and the other. */
function decided(object: Live): unknown {
  return withoutNotes(essenceOf(object))
}
