import { ApplicationFailure } from '@temporalio/common'
import { shortSha } from '../../domain/revision.ts'
import type { Fence } from '../contract.ts'
import type { ActInput } from '../deploy/target.ts'
import { permanent, transient } from '../failure.ts'
import { expectAnswer } from './answer.ts'
import type { Answer, Kubernetes } from './client.ts'
import { discover, expectKinds } from './discovery.ts'
import { checkFence, takeFence, type FencePlace } from './fence.ts'
import { formatFence } from './fence-token.ts'
import { entryOf, heldBack, inventoryOf, leftOver, mergeInventories, type MayPrune } from './inventory.ts'
import { isNamespaceObject, waveOf } from './kinds.ts'
import type { Live } from './live.ts'
import { createNamespace, namespaceExists } from './namespace.ts'
import { holdFence } from './older-hooks.ts'
import { spoken, type Manifest } from './manifests.ts'
import { applyRequest, expectApplicable, planInputOf, planObjects, type PlanInput, type PlannedObject } from './plan.ts'
import { FENCE, IDENTITY } from './ownership.ts'
import { HOLDS_DATA, prune, stillOwned } from './prune.ts'
import { isStale, refusedObject } from './refused-object.ts'
import { takeOverRequest } from './take-over.ts'

const ATTEMPTS = 20
const CHANGES_LIMIT = 50

/**
 * Fence, plan, take the fence and end the hooks of older deployments, apply, prune. Nothing is written before the cluster has said yes to every object, except a
 * Namespace that is missing: objects cannot be tried where there is none.
 */
export async function applyManifests(
  kubernetes: Kubernetes,
  namespace: string,
  manifests: readonly Manifest[],
  input: ActInput,
  { say, mayPrune = {} }: { readonly say: (line: string) => void; readonly mayPrune?: MayPrune | undefined },
): Promise<{ changes: readonly string[]; logText: string }> {
  const { project, environment, fence, candidate, tag } = input
  const owner = { project, environment }
  const place: FencePlace = { kubernetes, namespace, owner }

  say(`asking the cluster what would change in namespace ${namespace}`)
  const [discovery, judged, known] = await Promise.all([
    discover(kubernetes, manifests),
    checkFence(place, fence),
    namespaceExists(kubernetes, namespace),
  ])
  expectKinds(discovery, manifests)
  const planInput = planInputOf(place, discovery, fence, input)
  const lines: string[] = []
  const record = (line: string) => {
    lines.push(line)
    say(line)
  }

  let objects = manifests
  if (!known) {
    record(await createNamespace(planInput, manifests))
    objects = manifests.filter((each) => !isNamespaceObject(each))
  }
  const plan = await planObjects(planInput, objects)
  expectApplicable(plan)

  const wanted = inventoryOf(manifests)
  const data = { revision: candidate.revision, tag }
  const inventoryNow = mergeInventories(wanted, judged.inventory)
  const taken = await holdFence(place, fence, { data: { ...data, inventory: inventoryNow }, judged, say: record })
  await changing(async () => {
    for (const wave of [0, 1, 2] as const) {
      const objectsNow = plan.filter((each) => waveOf(each.manifest) === wave)
      await allSettled(objectsNow.map((each) => applyObject(planInput, place, each).then(() => record(lineOf(each)))))
    }

    const kept = await stillOwned(place, heldBack(judged.inventory, wanted, mayPrune))
    for (const each of kept) record(`${spoken(each)} kept: ${HOLDS_DATA}`)
    const pruned = await prune(place, fence, leftOver(judged.inventory, wanted, mayPrune))
    pruned.forEach(record)
    const inventory = mergeInventories(wanted, kept.map(entryOf))
    if (taken.inventory.length !== inventory.length) await takeFence(place, fence, { ...data, inventory }, taken)
  })

  const heading = `${project} ${tag} (${shortSha(candidate.revision)}) on ${environment}: namespace ${namespace} of ${kubernetes.server}, deployment ${formatFence(fence)}`
  return { changes: shortened(lines.toSorted()), logText: [heading, ...lines, ''].join('\n') }
}

/** From here on the target changes: what is refused now leaves it half done, and what ran before has to be put back. */
async function changing(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof ApplicationFailure && error.nonRetryable === true && error.type !== 'Fenced') {
      throw permanent('RolloutFailed', error.message, error.details?.[0], error)
    }
    throw error
  }
}

/**
 * An earlier attempt of this deployment applied it already: written again, it would only be one generation more. Whoever
 * planned before that attempt holds an older resourceVersion, and is refused by it.
 */
function isApplied({ change, live }: PlannedObject, { epoch, identity }: Fence): boolean {
  const { [FENCE]: token = '', [IDENTITY]: appliedBy } = live?.metadata.annotations ?? {}
  return change === 'unchanged' && token.split('.')[0] === String(epoch) && (appliedBy ?? identity) === identity
}

/** Applies over exactly what was planned. Where the object has changed since (its status, mostly), looks at the fence and again at the object. */
async function applyObject(input: PlanInput, place: FencePlace, planned: PlannedObject): Promise<void> {
  const { kubernetes, namespace, fence } = input
  const { manifest, path } = planned
  if (isApplied(planned, fence)) return
  let { live } = planned
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await putObject(input, planned, live)
    if (answer.status === 200 || answer.status === 201) return
    if (!isStale(answer)) throw refusedObject(kubernetes.server, namespace, manifest, answer)
    const there = await kubernetes.ask({ method: 'GET', path })
    live = there.status === 404 ? null : (expectAnswer(kubernetes, there, `read ${spoken(manifest)}`) as Live)
    await checkFence(place, fence)
  }
  throw transient(`${spoken(manifest)} changed faster than it could be applied, ${ATTEMPTS} times.`)
}

/** One apply. What kubectl decided is taken over first, so that no apply ever has to be forced. */
async function putObject(input: PlanInput, planned: PlannedObject, live: Live | null): Promise<Answer> {
  const { kubernetes } = input
  const { manifest, path } = planned
  const request = live && planned.takeOver ? takeOverRequest(live, manifest.apiVersion, path) : null
  if (!request) return await kubernetes.ask(applyRequest(input, planned, { resourceVersion: live?.metadata.resourceVersion ?? null }))
  const answer = await kubernetes.ask(request)
  if (answer.status !== 200) return answer
  const { metadata } = JSON.parse(answer.text) as Live
  return await kubernetes.ask(applyRequest(input, planned, { resourceVersion: metadata.resourceVersion ?? null }))
}

function lineOf({ manifest, change, takeOver }: PlannedObject): string {
  return `${spoken(manifest)} ${change}${takeOver ? ', taken over from kubectl' : ''}`
}

/** Waits for all of them, so that nothing goes on behind a failure; then fails with the first one's. */
async function allSettled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

function shortened(lines: readonly string[]): readonly string[] {
  return lines.length <= CHANGES_LIMIT ? lines : [...lines.slice(0, CHANGES_LIMIT - 1), `and ${lines.length - CHANGES_LIMIT + 1} more`]
}
