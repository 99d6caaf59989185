import { permanent } from '../failure.ts'
import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'

/** Where the objects of one kind lie in the API. */
type Resource = {
  readonly plural: string
  readonly namespaced: boolean
  /** The kind has the subresource `status`. */
  readonly hasStatus: boolean
}

type Kind = { readonly apiVersion: string; readonly kind: string }

/** Knows every kind it was made for; `path` of another throws. */
export type Discovery = {
  readonly resource: (kind: Kind) => Resource | null
  /** The object's path, such as `/apis/apps/v1/namespaces/website-alpha/deployments/website`. Null for an unknown kind. */
  readonly path: (kind: Kind, namespace: string, name: string) => string | null
}

/** Asks the cluster once for every apiVersion among the kinds, all at the same time. */
export async function discover(kubernetes: Kubernetes, kinds: readonly Kind[]): Promise<Discovery> {
  const versions = [...new Set(kinds.map((each) => each.apiVersion))]
  const found = new Map(await Promise.all(versions.map(async (version) => [version, await resourcesOf(kubernetes, version)] as const)))
  const resource = ({ apiVersion, kind }: Kind) => found.get(apiVersion)?.get(kind) ?? null
  return {
    resource,
    path(kind, namespace, name) {
      const known = resource(kind)
      return known
        ? `${versionPath(kind.apiVersion)}${known.namespaced ? `/namespaces/${namespace}` : ''}/${known.plural}/${encodeURIComponent(name)}`
        : null
    },
  }
}

/** Refuses kinds that the cluster does not know or that are cluster-wide, before anything is sent. */
export function expectKinds(discovery: Discovery, objects: readonly (Kind & { readonly name: string })[]): void {
  const unknown = objects.filter((each) => !discovery.resource(each))
  if (unknown.length > 0) {
    throw permanent('RenderFailed', `The cluster does not know ${described(unknown)}: install what defines it, or correct the apiVersion.`)
  }
  const wide = objects.filter((each) => each.kind !== 'Namespace' && !discovery.resource(each)?.namespaced)
  if (wide.length > 0) {
    throw permanent(
      'RenderFailed',
      `${described(wide)} would belong to the whole cluster; such objects are the operator's to apply, not an environment's.`,
    )
  }
}

async function resourcesOf(kubernetes: Kubernetes, apiVersion: string): Promise<Map<string, Resource>> {
  const answer = await kubernetes.ask({ method: 'GET', path: versionPath(apiVersion) })
  if (answer.status === 404) return new Map()
  const list = expectAnswer(kubernetes, answer, `list the kinds of ${apiVersion}`) as {
    resources: { name: string; kind: string; namespaced: boolean }[]
  }
  const whole = list.resources.filter((each) => !each.name.includes('/'))
  const names = new Set(list.resources.map((each) => each.name))
  return new Map(
    whole.map((each) => [each.kind, { plural: each.name, namespaced: each.namespaced, hasStatus: names.has(`${each.name}/status`) }]),
  )
}

/** The core group lies at /api, all others at /apis. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

function described(objects: readonly (Kind & { readonly name: string })[]): string {
  return [...new Set(objects.map((each) => `${each.kind} (${each.apiVersion})`))].slice(0, 5).join(', ')
}
