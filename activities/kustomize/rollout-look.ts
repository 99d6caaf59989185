import { permanent } from '../failure.ts'
import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { versionPath } from './discovery.ts'
import type { Workload } from './live.ts'
import { spoken, type Manifest } from './manifests.ts'
import { isFollowed, rolloutStatus, type RolloutStatus } from './rollout-status.ts'

type Followed = { readonly apiVersion: string; readonly kind: string; readonly name: string }

/** One workload at one moment. */
export type Look = Followed & { readonly object: Workload; readonly status: RolloutStatus }

export function followedObjects(manifests: readonly Manifest[]): readonly Followed[] {
  return manifests.filter(isFollowed).map(({ apiVersion, kind, name }) => ({ apiVersion, kind, name }))
}

export async function look(kubernetes: Kubernetes, namespace: string, followed: Followed): Promise<Look> {
  const { apiVersion, kind, name } = followed
  // The kinds that are followed are Kubernetes' own: their plural is known.
  const path = `${versionPath(apiVersion)}/namespaces/${namespace}/${kind.toLowerCase()}s/${encodeURIComponent(name)}`
  const answer = await kubernetes.ask({ method: 'GET', path })
  if (answer.status === 404) {
    const gone = `${spoken(followed)} is no longer in namespace ${namespace}: somebody deleted it after it was applied.`
    throw permanent('RolloutFailed', gone, { observed: [gone] })
  }
  const object = expectAnswer(kubernetes, answer, `read ${spoken(followed)}`) as Workload
  return { ...followed, object, status: rolloutStatus(apiVersion, kind, object) }
}
