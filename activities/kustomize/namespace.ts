import type { Fence } from '../contract.ts'
import { permanent } from '../failure.ts'
import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { discover } from './discovery.ts'
import type { FencePlace } from './fence.ts'
import { isNamespaceObject } from './kinds.ts'
import { spoken, type Manifest } from './manifests.ts'
import { applyRequest, type PlanInput } from './plan.ts'
import { refusedObject } from './refused-object.ts'

/** Makes the environment's namespace where it is missing and the overlay has it: a hook may be what a first deployment begins with. */
export async function ensureNamespace(
  { kubernetes, namespace, owner }: FencePlace,
  fence: Fence,
  manifests: readonly Manifest[],
): Promise<void> {
  if (await namespaceExists(kubernetes, namespace)) return
  const discovery = await discover(kubernetes, manifests.filter(isNamespaceObject))
  await createNamespace({ kubernetes, discovery, namespace, owner, fence, adopted: [] }, manifests)
}

/** True also where the credentials may not look: then the first write tells. */
export async function namespaceExists(kubernetes: Kubernetes, namespace: string): Promise<boolean> {
  const answer = await kubernetes.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}` })
  if (answer.status === 404) return false
  if (answer.status === 403) return true
  expectAnswer(kubernetes, answer, `read the namespace ${namespace}`)
  return true
}

export async function createNamespace(input: PlanInput, manifests: readonly Manifest[]): Promise<string> {
  const { kubernetes, namespace, discovery } = input
  const manifest = manifests.find(isNamespaceObject)
  const path = manifest && discovery.path(manifest, namespace, manifest.name)
  if (!manifest || !path) throw noNamespace(kubernetes.server, namespace)
  const answer = await kubernetes.ask(applyRequest(input, { manifest, path }, {}))
  if (answer.status !== 200 && answer.status !== 201) throw refusedObject(kubernetes.server, namespace, manifest, answer)
  return `${spoken(manifest)} created`
}

export function noNamespace(server: string, namespace: string): Error {
  return permanent(
    'NotFound',
    `The cluster at ${server} has no namespace ${namespace}: create it (kubectl create namespace ${namespace}), or add a Namespace of that name to the overlay.`,
  )
}
