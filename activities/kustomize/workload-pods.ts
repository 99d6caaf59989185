import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { isBuiltIn } from './kinds.ts'
import type { LabelSelector, Live, Pod, Workload } from './live.ts'

/** The pods of one workload: `current` run what was applied last, `ending` are on their way out. */
type WorkloadPods = { readonly current: readonly Pod[]; readonly ending: readonly Pod[] }

type List<T> = { readonly items: readonly T[] }

type Kind = { readonly apiVersion: string; readonly kind: string }

/**
 * Finds the pods by owner, never by labels alone: another workload may carry the same ones. Of somebody's own kinds only
 * Argo's Rollout is known to have pods of its own.
 */
export async function podsOf(
  kubernetes: Kubernetes,
  namespace: string,
  { apiVersion, kind }: Kind,
  workload: Workload,
): Promise<WorkloadPods> {
  if (apiVersion === 'v1' && kind === 'Pod') return { current: [workload as Pod], ending: [] }
  const known = isBuiltIn({ apiVersion }) ? kind : isRollout({ apiVersion, kind }) ? 'Rollout' : null
  const labelSelector = known === 'Rollout' ? (workload.status?.selector ?? '') : selectorText(workload.spec?.selector)
  if (known === null || (known === 'Rollout' && labelSelector === '')) return { current: [], ending: [] }
  const query = { labelSelector }
  const list = async <T>(path: string): Promise<readonly T[]> => {
    const answer = await kubernetes.ask({ method: 'GET', path, query })
    return (expectAnswer(kubernetes, answer, `list ${path.split('/').at(-1)} in namespace ${namespace}`) as List<T>).items
  }
  const pods = list<Pod>(`/api/v1/namespaces/${namespace}/pods`)
  const isCurrent = await currentOf(
    known,
    workload,
    (plural) => list<Live & { revision?: number }>(`/apis/apps/v1/namespaces/${namespace}/${plural}`),
    pods,
  )
  const alive = (await pods).filter(isCurrent)
  const ending = (await pods).filter((pod) => pod.metadata.deletionTimestamp !== undefined)
  return { current: alive.filter((pod) => pod.metadata.deletionTimestamp === undefined), ending }
}

type ListOwned = (plural: string) => Promise<readonly (Live & { revision?: number })[]>

async function currentOf(kind: string, workload: Workload, listOwned: ListOwned, pods: Promise<unknown>): Promise<(pod: Pod) => boolean> {
  const { uid } = workload.metadata
  switch (kind) {
    case 'Deployment': {
      const [sets] = await Promise.all([listOwned('replicasets'), pods])
      // The revision alone may be of yesterday: the newest set is the one whose revision the Deployment carries.
      const revision = workload.metadata.annotations?.[REVISION]
      const set = sets.find((each) => ownedBy(each, uid) && each.metadata.annotations?.[REVISION] === revision)
      return (pod) => set !== undefined && ownedBy(pod, set.metadata.uid)
    }
    case 'Rollout': {
      const [sets] = await Promise.all([listOwned('replicasets'), pods])
      const hash = workload.status?.currentPodHash
      const set = sets.find((each) => ownedBy(each, uid) && hash !== undefined && each.metadata.labels?.[POD_HASH] === hash)
      return (pod) => set !== undefined && ownedBy(pod, set.metadata.uid)
    }
    case 'StatefulSet': {
      await pods
      const revision = workload.status?.updateRevision
      return (pod) => ownedBy(pod, uid) && pod.metadata.labels?.[REVISION_HASH] === revision
    }
    case 'DaemonSet': {
      const [revisions] = await Promise.all([listOwned('controllerrevisions'), pods])
      const newest = revisions.filter((each) => ownedBy(each, uid)).toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0]
      const hash = newest?.metadata.labels?.[REVISION_HASH]
      return (pod) => ownedBy(pod, uid) && (hash === undefined || pod.metadata.labels?.[REVISION_HASH] === hash)
    }
    default:
      await pods
      return (pod) => ownedBy(pod, uid)
  }
}

const REVISION = 'deployment.kubernetes.io/revision'
const REVISION_HASH = 'controller-revision-hash'
/** Argo Rollouts' label for the pods of one template. */
const POD_HASH = 'rollouts-pod-template-hash'

function isRollout({ apiVersion, kind }: Kind): boolean {
  return apiVersion.startsWith('argoproj.io/') && kind === 'Rollout'
}

function ownedBy(object: Live, uid: string | undefined): boolean {
  return uid !== undefined && (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid)
}

/** A label selector as a query has it. */
function selectorText(selector: LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values.join(',')})`
  })
  return [...equal, ...others].join(',')
}
