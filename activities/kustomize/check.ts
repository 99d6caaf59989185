import { expectAnswer } from './answer.ts'
import type { Kubernetes } from './client.ts'
import { permanent } from '../failure.ts'
import { findRenderer } from './render.ts'

/** What a deployment does in its namespace whatever the overlay holds, as an access review asks for it. */
const NEEDED = [
  { group: '', resource: 'configmaps', verbs: ['get', 'create', 'update', 'patch'] },
  { group: '', resource: 'services', verbs: ['get', 'create', 'patch'] },
  { group: '', resource: 'pods', verbs: ['list'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'events', verbs: ['list'] },
  { group: 'apps', resource: 'deployments', verbs: ['get', 'create', 'patch'] },
  { group: 'apps', resource: 'replicasets', verbs: ['list'] },
] as const

/** Reaches the cluster and asks it what these credentials may do in the namespace; changes nothing. */
export async function checkCluster(kubernetes: Kubernetes, namespace: string, searchPath: string): Promise<string> {
  const [renderer, version, denied, exists] = await Promise.all([
    findRenderer(searchPath),
    kubernetes
      .ask({ method: 'GET', path: '/version' })
      .then((answer) => expectAnswer(kubernetes, answer, 'ask for the version') as { gitVersion: string }),
    deniedVerbs(kubernetes, namespace),
    kubernetes.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}` }),
  ])
  if (denied.length > 0) {
    throw permanent(
      'Refused',
      `The cluster at ${kubernetes.server} does not let these credentials do all that a deployment needs in namespace ${namespace}: grant ${denied.join(', ')}.`,
    )
  }
  const where = exists.status === 404 ? `${namespace} (not there yet: the overlay has to bring it)` : namespace
  return `Kubernetes ${version.gitVersion} at ${kubernetes.server}, namespace ${where}, overlays rendered by ${renderer.program} (${renderer.path})`
}

async function deniedVerbs(kubernetes: Kubernetes, namespace: string): Promise<readonly string[]> {
  const questions = NEEDED.flatMap(({ group, resource, verbs }) => verbs.map((verb) => ({ group, resource, verb })))
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
