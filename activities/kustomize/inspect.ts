import type { Drift } from '../../domain/environment/drift.ts'
import type { Fence } from '../contract.ts'
import type { AppliedInput } from '../deploy/target.ts'
import { expectAnswer, readRefusal, refusalFailure } from './answer.ts'
import type { Answer, Kubernetes } from './client.ts'
import { discover, type Discovery } from './discovery.ts'
import { checkFence } from './fence.ts'
import { fenceName } from './fence-token.ts'
import { inventoryOf } from './inventory.ts'
import { isOurs, lastChange } from './last-change.ts'
import type { Live } from './live.ts'
import { ANYTHING } from './look.ts'
import { spoken, type Manifest } from './manifests.ts'
import { differences, type FieldDifference } from './owned-fields.ts'
import { FENCE, FOUND, IDENTITY, ownerOf, sameOwner, type Owner } from './ownership.ts'
import { applyRequest } from './plan.ts'
import { cannotDryRun } from './refused-object.ts'
import { shownDifference } from './shown-value.ts'
import { unwantedObjects } from './unwanted.ts'

type Place = { readonly kubernetes: Kubernetes; readonly discovery: Discovery; readonly namespace: string; readonly owner: Owner }

/**
 * Holds what lives in the namespace against what was applied. The server itself is asked, by a dry run, what each object
 * would be if it were applied now: so nothing that it normalises or sets by default is taken for a change.
 */
export async function inspectNamespace(
  kubernetes: Kubernetes,
  namespace: string,
  manifests: readonly Manifest[],
  { project, environment, epoch }: AppliedInput,
): Promise<readonly Drift[]> {
  const owner = { project, environment }
  const [discovery, { held, inventory }] = await Promise.all([
    discover(kubernetes, manifests),
    checkFence({ kubernetes, namespace, owner }, ANYTHING),
  ])
  const place = { kubernetes, discovery, namespace, owner }
  const fence = held ?? { epoch, attempt: 1 }
  const [objects, unwanted] = await Promise.all([
    Promise.all(manifests.map(async (manifest) => await inspectObject(place, manifest, fence))),
    unwantedObjects(kubernetes, namespace, owner, { wanted: inventoryOf(manifests), inventory }),
  ])
  return [...fenceDrift(owner, held, epoch), ...objects.flat(), ...unwanted]
}

function fenceDrift(owner: Owner, held: Fence | null, epoch: number): readonly Drift[] {
  const object = `configmap/${fenceName(owner)}`
  if (held === null) return [whole(object, 'the fence of the environment', 'missing')]
  if (held.epoch <= epoch) return []
  return [{ object, field: '.data.epoch', expected: `${epoch} at most`, found: `${held.epoch}`, by: null, at: null }]
}

async function inspectObject(place: Place, manifest: Manifest, fence: Fence): Promise<readonly Drift[]> {
  const { kubernetes, discovery, namespace, owner } = place
  const object = spoken(manifest)
  const path = discovery.path(manifest, namespace, manifest.name)
  const there = path === null ? null : await kubernetes.ask({ method: 'GET', path })
  if (path === null || there === null || there.status === 404) return mayEnd(manifest) ? [] : [whole(object, 'there', 'missing')]
  const live = expectAnswer(kubernetes, there, `read ${object}`) as Live
  if (live.metadata.deletionTimestamp !== undefined) return [whole(object, 'there', 'being deleted')]
  const other = ownerOf(live)
  if (other !== null && !sameOwner(other, owner)) {
    const { by, at } = lastChange(live, ['f:metadata', 'f:annotations', 'f:slipway/project'])
    return [{ ...whole(object, 'of this environment', `one of ${other.environment} of project ${other.project}`), by, at }]
  }
  const found = live.metadata.annotations?.[FOUND] !== undefined
  const proposed = await kubernetes.ask(applyRequest({ ...place, fence, adopted: [] }, { manifest, path, found }, { trial: 'forced' }))
  if (cannotDryRun(proposed)) return []
  if (proposed.status !== 200 && proposed.status !== 201) return [refused(kubernetes, manifest, live, proposed)]
  return changes(JSON.parse(proposed.text) as Live, live).map((each) => ({
    object,
    field: each.path,
    ...shownDifference(manifest.kind, each),
    ...lastChange(live, each.keys),
  }))
}

/** A Job that the cluster itself removes when it is done. */
function mayEnd({ kind, document }: Manifest): boolean {
  return kind === 'Job' && document.hasIn(['spec', 'ttlSecondsAfterFinished'])
}

/** What Slipway decides and what is not as it said; of a Secret also what it wrote as plain text, which the server keeps elsewhere. */
function changes(applied: Live, live: Live): readonly FieldDifference[] {
  const owned = applied.metadata.managedFields?.find(isOurs)?.fieldsV1 ?? {}
  const found = differences(owned, applied, live)
  const secret = applied.kind === 'Secret' ? secretChanges(applied, live) : []
  return [...found.filter((each) => !isOwnMark(each) && !secret.some(({ path }) => path === each.path)), ...secret]
}

function secretChanges(applied: Live, live: Live): readonly FieldDifference[] {
  const data = (object: Live) => (object as Live & { readonly data?: Readonly<Record<string, string>> }).data ?? {}
  const owned = Object.fromEntries(Object.keys(data(applied)).map((key) => [`f:${key}`, {}]))
  return Object.keys(owned).length === 0 ? [] : differences({ 'f:data': owned }, applied, { ...live, data: data(live) })
}

/** The fence's token is another one after each attempt, and says nothing of what was applied. */
function isOwnMark({ keys }: FieldDifference): boolean {
  return keys[1] === 'f:annotations' && [FENCE, IDENTITY, FOUND].some((each) => keys[2] === `f:${each}`)
}

/** Somebody put another one in its place, which cannot be turned back by an apply. What a Secret's refusal says may tell too much. */
function refused(kubernetes: Kubernetes, { kind, name }: Manifest, live: Live, answer: Answer): Drift {
  const object = spoken({ kind, name })
  if (answer.status !== 400 && answer.status !== 404 && answer.status !== 409 && answer.status !== 422) {
    throw refusalFailure(kubernetes.server, answer, `ask what applying ${object} would change`)
  }
  const why = kind === 'Secret' ? '' : `: ${readRefusal(answer).message}`
  const { creationTimestamp } = live.metadata
  return {
    ...whole(object, 'as applied', `another one, which an apply cannot turn back${why}`),
    at: Date.parse(creationTimestamp ?? '') || null,
  }
}

function whole(object: string, expected: string, found: string): Drift {
  return { object, field: null, expected, found, by: null, at: null }
}
