import { permanent, transient } from '../failure.ts'
import type { Answer, Kubernetes } from './client.ts'

/** What the API server says of a refusal (a `Status` object). */
export type Refusal = {
  readonly message: string
  readonly reason: string
  readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[]
}

export function readRefusal(answer: Answer): Refusal {
  try {
    const status = JSON.parse(answer.text) as {
      message?: string
      reason?: string
      details?: { causes?: { reason?: string; message?: string; field?: string }[] }
    }
    const causes = (status.details?.causes ?? []).map((cause) => ({
      reason: cause.reason ?? '',
      message: cause.message ?? '',
      field: cause.field ?? '',
    }))
    return { message: shortened(status.message ?? ''), reason: status.reason ?? '', causes }
  } catch {
    return { message: shortened(answer.text), reason: '', causes: [] }
  }
}

/** The answer as JSON, or the failure that a refusal stands for. `doing` completes "to …" for a person: `read the Deployment website`. */
export function expectAnswer(kubernetes: Kubernetes, answer: Answer, doing: string): unknown {
  if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.text)
  throw refusalFailure(kubernetes.server, answer, doing)
}

/** Which failure a refusal is: what time mends is transient, all else is permanent. */
export function refusalFailure(server: string, answer: Answer, doing: string): Error {
  const { message, causes } = readRefusal(answer)
  const { status } = answer
  const words = message || `HTTP ${status} without a word`
  if (status === 429 || status >= 500) {
    const wait = answer.headers['retry-after']
    return transient(`The cluster at ${server} could not ${doing} now: ${words} (HTTP ${status}${wait ? `, asks to wait ${wait} s` : ''}).`)
  }
  if (status === 401) {
    return permanent('Refused', `The cluster at ${server} does not accept the kubeconfig's credentials (HTTP 401): renew them.`)
  }
  if (status === 403) {
    // A namespace that is going away refuses everything new, and is gone after a while.
    if (causes.some((cause) => cause.reason === 'NamespaceTerminating')) return transient(`Could not ${doing}: ${words}.`)
    return permanent('Refused', `The cluster at ${server} forbids to ${doing}: ${words}.`)
  }
  if (status === 404) return permanent('NotFound', `Could not ${doing}: ${words}.`)
  if (status === 409) return permanent('Conflict', `Could not ${doing}: ${words}.`)
  return permanent('RenderFailed', `The cluster refuses to ${doing}: ${words}.`)
}

function shortened(text: string): string {
  const plain = text.trim().replace(/\.$/, '')
  return plain.length > 1500 ? `${plain.slice(0, 1500)}…` : plain
}
