import { parseDigest } from '../../domain/digest.ts'
import { parseImageReference } from '../../domain/image-reference.ts'
import type { LookInput, Seen, SeenImage } from '../deploy/target.ts'
import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { checkFence } from './fence.ts'
import type { Container, Pod, Workload } from './live.ts'
import { parseManifests, spoken } from './manifests.ts'
import { digestIn } from './running-digests.ts'
import { podsOf } from './workload-pods.ts'

const KINDS = [
  { kind: 'Deployment', plural: 'deployments' },
  { kind: 'StatefulSet', plural: 'statefulsets' },
  { kind: 'DaemonSet', plural: 'daemonsets' },
] as const

/** Younger than any deployment: it asks what the fence says and is never refused. */
export const ANYTHING = { epoch: Number.MAX_SAFE_INTEGER, attempt: 0 }

/** Looks at the namespace's workloads, Slipway's or not, at what their pods run, and at the fence. */
export async function lookAtNamespace(kubernetes: Kubernetes, namespace: string, input: LookInput): Promise<Seen> {
  const { project, environment, registry } = input
  const [{ held }, ...lists] = await Promise.all([
    checkFence({ kubernetes, namespace, owner: { project, environment } }, ANYTHING),
    ...KINDS.map((each) => workloadsOf(kubernetes, namespace, each)),
  ])
  const seen = await Promise.all(lists.flat().map((each) => imagesOf(kubernetes, namespace, registry, each)))
  const images = seen.flatMap((each) => each.images)
  return {
    epoch: held?.epoch ?? 0,
    images,
    others: seen.flatMap((each) => each.others),
    compare: (content) => notRendered([...new Set(images.map((each) => each.where))], content),
  }
}

type Found = { readonly kind: string; readonly workload: Template }
type Template = Workload & { readonly spec?: { readonly template?: { readonly spec?: Pod['spec'] } } }

async function workloadsOf(kubernetes: Kubernetes, namespace: string, { kind, plural }: (typeof KINDS)[number]): Promise<readonly Found[]> {
  const answer = await kubernetes.ask({ method: 'GET', path: `/apis/apps/v1/namespaces/${namespace}/${plural}` })
  const { items } = expectAnswer(kubernetes, answer, `list ${plural} in namespace ${namespace}`) as { items: readonly Template[] }
  return items.map((workload) => ({ kind, workload }))
}

async function imagesOf(
  kubernetes: Kubernetes,
  namespace: string,
  registry: string,
  { kind, workload }: Found,
): Promise<{ readonly images: readonly SeenImage[]; readonly others: readonly string[] }> {
  const where = spoken({ kind, name: workload.metadata.name })
  const template = workload.spec?.template?.spec
  const { current } = await podsOf(kubernetes, namespace, { apiVersion: 'apps/v1', kind }, workload)
  const images = new Map<string, SeenImage>()
  const others = new Set<string>()
  for (const container of [...(template?.initContainers ?? []), ...(template?.containers ?? [])]) {
    const reference = parseImageReference(container.image ?? '')
    if (!reference.ok || reference.value.registry !== registry) {
      others.add(`${where} runs ${container.image}, which is not of ${registry}`)
      continue
    }
    const { repository, tag, digest } = reference.value
    for (const each of digest ? [digest] : runningDigests(current, container)) {
      images.set(`${repository} ${tag} ${each}`, { where, repository, tag: tag ?? (digest === null ? 'latest' : null), digest: each })
    }
  }
  return { images: [...images.values()], others: [...others] }
}

/** What the pods say that they run; `[null]` when none of them does. */
function runningDigests(pods: readonly Pod[], { name }: Container): readonly (string | null)[] {
  const found = pods.flatMap((pod) => {
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
    const digest = digestIn(statuses.find((each) => each.name === name)?.imageID)
    return digest !== null && parseDigest(digest).ok ? [digest] : []
  })
  return found.length > 0 ? [...new Set(found)] : [null]
}

function notRendered(workloads: readonly string[], content: Buffer): readonly string[] {
  const parsed = parseManifests(content.toString('utf8'))
  const rendered = new Set(parsed.ok ? parsed.value.map(spoken) : [])
  return workloads
    .filter((each) => !rendered.has(each))
    .map((each) => `${each} is there and not in what the overlay renders: Slipway leaves it alone`)
}
