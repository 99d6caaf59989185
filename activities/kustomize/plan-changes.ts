import { parse } from 'yaml'
import type { PlannedChange } from '../contract.ts'
import type { PlanInput as TargetPlanInput, TargetPlan } from '../deploy/target.ts'
import type { Say } from '../heartbeat.ts'
import { expectAnswer } from './answer.ts'
import { basisOf, type Seen } from './basis.ts'
import type { Kubernetes } from './client.ts'
import { discover, expectKinds, type Discovery } from './discovery.ts'
import { lookAtFence, type FencePlace } from './fence.ts'
import { heldBack, inventoryOf, leftOver, type InventoryObject, type MayPrune } from './inventory.ts'
import { isNamespaceObject } from './kinds.ts'
import type { Live } from './live.ts'
import { formatManifest, spoken, type Manifest } from './manifests.ts'
import { namespaceExists, noNamespace } from './namespace.ts'
import { objectDiff } from './object-diff.ts'
import { planInputOf, planObjects, type PlanInput, type PlannedObject } from './plan.ts'
import { HOLDS_DATA, stillOwned, whyKept } from './prune.ts'
import { madeAnew } from './replacement.ts'

/** Says what applying would change, object by object: the same questions that `apply` asks first, and nothing after them. */
export async function planManifests(
  kubernetes: Kubernetes,
  namespace: string,
  manifests: readonly Manifest[],
  input: TargetPlanInput,
  { say, mayPrune = {} }: { readonly say: Say; readonly mayPrune?: MayPrune | undefined },
): Promise<TargetPlan> {
  const owner = { project: input.project, environment: input.environment }
  const place: FencePlace = { kubernetes, namespace, owner }
  say(`asking the cluster what would change in namespace ${namespace}`)
  const [discovery, { held, inventory }, known] = await Promise.all([
    discover(kubernetes, manifests),
    lookAtFence(place),
    namespaceExists(kubernetes, namespace),
  ])
  expectKinds(discovery, manifests)
  if (!known) return planFirst(kubernetes, namespace, manifests)

  const fence = held ?? { epoch: 0, attempt: 0 }
  const planInput = planInputOf(place, discovery, fence, input)
  const wanted = inventoryOf(manifests)
  const [planned, gone, data] = await Promise.all([
    planObjects(planInput, manifests),
    planPrune(place, leftOver(inventory, wanted, mayPrune)),
    stillOwned(place, heldBack(inventory, wanted, mayPrune)),
  ])
  const changes = await Promise.all(planned.map((each) => changeOf(planInput, each)))
  const staying = data.map((each) => unchanged(each, HOLDS_DATA))
  return { changes: [...changes, ...gone.map(({ change }) => change), ...staying], basis: basisOf(held, [...planned, ...gone]) }
}

/** Where there is no namespace there is nothing to compare with, and the cluster tries no object. */
function planFirst({ server }: Kubernetes, namespace: string, manifests: readonly Manifest[]): TargetPlan {
  if (!manifests.some(isNamespaceObject)) throw noNamespace(server, namespace)
  const note = `not tried: there is no namespace ${namespace} yet`
  const changes = manifests.map((manifest): PlannedChange => {
    const diff = objectDiff(null, parse(formatManifest(manifest)) as Live)
    return { object: spoken(manifest), change: 'create', diff, note: isNamespaceObject(manifest) ? null : note }
  })
  return { changes, basis: basisOf(null, []) }
}

async function changeOf(input: PlanInput, planned: PlannedObject): Promise<PlannedChange> {
  const { manifest, live, proposed, takeOver, fixed } = planned
  const object = spoken(manifest)
  const note = takeOver ? 'taken over from kubectl' : null
  switch (planned.change) {
    case 'created':
      return { object, change: 'create', diff: objectDiff(null, proposed), note }
    case 'configured':
      return { object, change: 'update', diff: objectDiff(live, proposed), note }
    case 'unchanged':
      return { object, change: 'unchanged', diff: null, note }
    case 'applied':
      return { object, change: 'unknown', diff: null, note: 'a webhook of the cluster cannot be asked beforehand' }
    case 'refused': {
      const anew = live && (await madeAnew(input, planned, live))
      const fields = (fixed?.fields ?? []).join(', ')
      return {
        object,
        change: 'replace',
        diff: anew && objectDiff(live, anew),
        note: `${fields} cannot change while it is there: delete it first, or give it another name; until then the cluster refuses the deployment`,
      }
    }
    default:
      return planned.change satisfies never
  }
}

type Gone = Seen & { readonly change: PlannedChange }

/** What an earlier deployment put there and this one does not want. */
async function planPrune(place: FencePlace, objects: readonly InventoryObject[]): Promise<readonly Gone[]> {
  if (objects.length === 0) return []
  const discovery = await discover(place.kubernetes, objects)
  const planned = await Promise.all(objects.map((object) => planPruned(place, discovery, object)))
  return planned.filter((each) => each !== null)
}

async function planPruned(
  { kubernetes, namespace, owner }: FencePlace,
  discovery: Discovery,
  object: InventoryObject,
): Promise<Gone | null> {
  const path = discovery.resource(object)?.namespaced ? discovery.path(object, namespace, object.name) : null
  if (path === null) return null
  const found = await kubernetes.ask({ method: 'GET', path })
  const live = found.status === 404 ? null : (expectAnswer(kubernetes, found, `read ${spoken(object)}`) as Live)
  if (live === null || live.metadata.deletionTimestamp) return null
  const kept = whyKept(live, owner)
  const change: PlannedChange =
    kept === null ? { object: spoken(object), change: 'delete', diff: objectDiff(live, null), note: null } : unchanged(object, kept)
  return { path, live, change }
}

function unchanged(object: InventoryObject, why: string): PlannedChange {
  return { object: spoken(object), change: 'unchanged', diff: null, note: `no longer wanted, and stays: ${why}` }
}
