import type { Fence } from '../contract.ts'
import { expectAnswer, readRefusal } from './answer.ts'
import type { Answer, Kubernetes } from './client.ts'
import { fenced, lookAtFence, type FencePlace } from './fence.ts'
import { formatFence } from './fence-token.ts'
import { ENVIRONMENT, FENCE, PROJECT } from './ownership.ts'

/** The name of the policy and of its binding; see `kubernetes/fence-policy.yaml`. */
const NAME = 'slipway-fence'
const GAP = `without the policy ${NAME} in force a sleeper can create an object that is not there; whoever may change policies closes that by: slipway policy | kubectl apply -f -`

/** Older than any. */
const NOTHING: Fence = { epoch: 0, attempt: 0 }

/** The cluster's own refusal of a token that is too old; null when an answer is anything else. */
export function fencedByPolicy(answer: Answer): Error | null {
  if (!isRefusedByPolicy(answer)) return null
  const words =
    /deployment (\d+\.\d+)(?: of ([0-9a-f]+))? \(epoch\.attempt\) is (?:older than|not) (\d+\.\d+)(?: of ([0-9a-f]+))?, which holds slipway-fence\.[a-z0-9-]+\.([a-z0-9-]+)/
  const [, mine, myIdentity, held, heldIdentity, environment] = words.exec(readRefusal(answer).message) ?? []
  return mine && held && environment ? fenced(environment, tokenOf(mine, myIdentity), tokenOf(held, heldIdentity)) : null
}

function isRefusedByPolicy(answer: Answer): boolean {
  return (answer.status === 403 || answer.status === 422) && readRefusal(answer).message.includes(`ValidatingAdmissionPolicy '${NAME}'`)
}

function tokenOf(text: string, identity: string | undefined): Fence {
  const [epoch, attempt] = text.split('.').map(Number)
  return { epoch: epoch ?? 0, attempt: attempt ?? 0, ...(identity === undefined ? {} : { identity }) }
}

/**
 * Whether the cluster refuses a latecomer also where there is no object yet, for doctor. Where there is a fence it is tried,
 * by a dry run with a token that is older; else the policy is looked for.
 *
 * @returns a sentence, also of what is missing: the policy is optional
 */
export async function checkFencePolicy(place: FencePlace): Promise<string> {
  const { held } = await lookAtFence(place)
  if (held) {
    const guarded = isRefusedByPolicy(await tryOlder(place))
    return guarded ? `the cluster refuses what is older than ${formatFence(held)}, by its policy ${NAME}` : GAP
  }
  return WITHOUT_A_FENCE[await lookForPolicy(place.kubernetes)]
}

const WITHOUT_A_FENCE = {
  there: `no deployment yet; the policy ${NAME} is there`,
  missing: GAP,
  hidden: `no deployment yet, and these credentials may not read policies: whether ${NAME} is in force is tried after the first one`,
}

async function tryOlder({ kubernetes, namespace, owner }: FencePlace): Promise<Answer> {
  const annotations = { [PROJECT]: owner.project, [ENVIRONMENT]: owner.environment, [FENCE]: formatFence(NOTHING) }
  return await kubernetes.ask({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    query: { dryRun: 'All' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'slipway-fence-trial-', annotations } }),
  })
}

async function lookForPolicy(kubernetes: Kubernetes): Promise<keyof typeof WITHOUT_A_FENCE> {
  const [policy, binding] = await Promise.all(
    (['validatingadmissionpolicies', 'validatingadmissionpolicybindings'] as const).map(
      async (plural) => await kubernetes.ask({ method: 'GET', path: `/apis/admissionregistration.k8s.io/v1/${plural}/${NAME}` }),
    ),
  )
  if (!policy || !binding || policy.status === 404 || binding.status === 404) return 'missing'
  if (policy.status === 403 || binding.status === 403) return 'hidden'
  expectAnswer(kubernetes, policy, `read the policy ${NAME}`)
  const { spec } = expectAnswer(kubernetes, binding, `read the binding of the policy ${NAME}`) as {
    spec?: { validationActions?: readonly string[] }
  }
  return spec?.validationActions?.includes('Deny') ? 'there' : 'missing'
}
