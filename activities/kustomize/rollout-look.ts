import { permanent } from '../failure.ts'
import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { customStatus } from './custom-status.ts'
import { discover, versionPath } from './discovery.ts'
import { isBuiltIn } from './kinds.ts'
import type { Workload } from './live.ts'
import { spoken, type Manifest } from './manifests.ts'
import type { Progress } from './progress.ts'
import { rollsOut, rolloutStatus } from './rollout-status.ts'

type Followed = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly path: string
  /** How its kind says how far an object of it is. */
  readonly progressOf: (object: Workload) => Progress
}

/** One object that is followed, at one moment. */
export type Look = Pick<Followed, 'apiVersion' | 'kind' | 'name'> & { readonly object: Workload; readonly status: Progress }

/** What is followed of the content: the kinds of Kubernetes that roll out, and every object of somebody's own kind. */
export async function followedObjects(
  kubernetes: Kubernetes,
  namespace: string,
  manifests: readonly Manifest[],
): Promise<readonly Followed[]> {
  const own = manifests.filter(rollsOut).map(({ apiVersion, kind, name }): Followed => {
    // Their plural is known.
    const path = `${versionPath(apiVersion)}/namespaces/${namespace}/${kind.toLowerCase()}s/${encodeURIComponent(name)}`
    return { apiVersion, kind, name, path, progressOf: (object) => rolloutStatus(apiVersion, kind, object) }
  })
  const custom = manifests.filter((each) => !isBuiltIn(each))
  const discovery = await discover(kubernetes, custom)
  const others = custom.map(({ apiVersion, kind, name }): Followed => {
    const path = discovery.path({ apiVersion, kind }, namespace, name)
    if (path === null) throw gone(namespace, { kind, name })
    const { hasStatus = false } = discovery.resource({ apiVersion, kind }) ?? {}
    return { apiVersion, kind, name, path, progressOf: (object) => customStatus(apiVersion, kind, object, { hasStatus }) }
  })
  return [...own, ...others]
}

export async function look(kubernetes: Kubernetes, namespace: string, followed: Followed): Promise<Look> {
  const { apiVersion, kind, name, path, progressOf } = followed
  const answer = await kubernetes.ask({ method: 'GET', path })
  if (answer.status === 404) throw gone(namespace, followed)
  const object = expectAnswer(kubernetes, answer, `read ${spoken(followed)}`) as Workload
  return { apiVersion, kind, name, object, status: progressOf(object) }
}

function gone(namespace: string, object: { readonly kind: string; readonly name: string }): Error {
  const words = `${spoken(object)} is no longer in namespace ${namespace}: somebody deleted it after it was applied.`
  return permanent('RolloutFailed', words, { observed: [words] })
}
