import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { permanent } from '../failure.ts'
import { findRenderer } from './render.ts'

type Rights = readonly { readonly group: string; readonly resource: string; readonly verbs: readonly string[] }[]

/** What a deployment does in its namespace whatever the overlay holds, as an access review asks for it. */
const NEEDED: Rights = [
  { group: '', resource: 'configmaps', verbs: ['get', 'create', 'update', 'patch', 'delete'] },
  { group: '', resource: 'services', verbs: ['get', 'create', 'patch', 'delete'] },
  { group: '', resource: 'pods', verbs: ['list'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'events', verbs: ['list'] },
  { group: 'apps', resource: 'deployments', verbs: ['get', 'create', 'patch', 'delete'] },
  { group: 'apps', resource: 'replicasets', verbs: ['list'] },
]

/** What only some deployments do. */
const USEFUL: readonly { readonly what: string; readonly rights: Rights }[] = [
  { what: 'hooks', rights: [{ group: 'batch', resource: 'jobs', verbs: ['get', 'create', 'patch', 'delete'] }] },
  {
    what: 'drift of objects that nobody applied',
    rights: [
      { group: '', resource: 'configmaps', verbs: ['list'] },
      { group: '', resource: 'services', verbs: ['list'] },
      { group: 'apps', resource: 'deployments', verbs: ['list'] },
    ],
  },
]

/** Reaches the cluster and asks it what these credentials may do in the namespace; changes nothing. */
export async function checkCluster(kubernetes: Kubernetes, namespace: string, searchPath: string): Promise<string> {
  const [renderer, version, denied, missing, exists] = await Promise.all([
    findRenderer(searchPath),
    kubernetes
      .ask({ method: 'GET', path: '/version' })
      .then((answer) => expectAnswer(kubernetes, answer, 'ask for the version') as { gitVersion: string }),
    deniedVerbs(kubernetes, namespace, NEEDED),
    Promise.all(USEFUL.map(async ({ what, rights }) => ({ what, verbs: await deniedVerbs(kubernetes, namespace, rights) }))),
    kubernetes.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}` }),
  ])
  if (denied.length > 0) {
    throw permanent(
      'Refused',
      `The cluster at ${kubernetes.server} does not let these credentials do all that a deployment needs in namespace ${namespace}: grant ${denied.join(', ')}.`,
    )
  }
  const where = exists.status === 404 ? `${namespace} (not there yet: the overlay has to bring it)` : namespace
  const lacking = missing.filter(({ verbs }) => verbs.length > 0).map(({ what, verbs }) => `; no ${what}, which takes ${verbs.join(', ')}`)
  return `Kubernetes ${version.gitVersion} at ${kubernetes.server}, namespace ${where}, overlays rendered by ${renderer.program} (${renderer.path})${lacking.join('')}`
}

async function deniedVerbs(kubernetes: Kubernetes, namespace: string, rights: Rights): Promise<readonly string[]> {
  const questions = rights.flatMap(({ group, resource, verbs }) => verbs.map((verb) => ({ group, resource, verb })))
  const answers = await Promise.all(
    questions.map(async ({ group, resource, verb }) => {
      const [plural, subresource] = resource.split('/')
      const attributes = { namespace, group, resource: plural, verb, ...(subresource ? { subresource } : {}) }
      const body = JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: attributes },
      })
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      const review = expectAnswer(kubernetes, await kubernetes.ask({ method: 'POST', path, body }), 'ask what is allowed') as {
        status?: { allowed?: boolean }
      }
      return review.status?.allowed ? null : `${verb} ${resource}`
    }),
  )
  return answers.filter((each) => each !== null)
}
