import { inspect } from 'node:util'
import { neutral } from './view/neutral.ts'
import { CliError, failed, unreachable } from './exit.ts'

const GRPC = { cancelled: 1, deadlineExceeded: 4, permissionDenied: 7, failedPrecondition: 9, unavailable: 14, unauthenticated: 16 }

export const START_A_WORKER = ['slipway worker', 'slipway dev']

/**
 * Makes any error of the Temporal client into one sentence and an exit code. Told by names and gRPC codes, so that the
 * client library need not be loaded for it.
 */
export function explain(error: unknown): CliError {
  if (error instanceof CliError) return error
  const named = find(error, (candidate) => (candidate.name === 'NamespaceNotFoundError' ? candidate : null))
  if (named !== null) {
    const namespace = 'namespace' in named ? String(named.namespace) : ''
    return unreachable(`this Temporal has no namespace ${neutral(namespace)}; check TEMPORAL_NAMESPACE and TEMPORAL_PROFILE`, [], error)
  }
  const codec = find(error, (candidate) => (candidate.name === 'CodecError' ? candidate : null))
  if (codec !== null) return failed(neutral(codec.message), [], error)
  const grpc = find(error, (candidate) => ('code' in candidate && typeof candidate.code === 'number' ? candidate : null))
  const details = grpc === null ? '' : detailsOf(grpc)
  switch (grpc === null ? null : (grpc as { code?: number }).code) {
    case GRPC.unavailable:
      return unreachable(`Temporal cannot be reached any more: ${details}`, ['slipway doctor'], error)
    case GRPC.unauthenticated:
    case GRPC.permissionDenied:
      return unreachable(`Temporal refuses this client: ${details}; check TEMPORAL_API_KEY, TEMPORAL_TLS_* and TEMPORAL_PROFILE`, [], error)
    case GRPC.deadlineExceeded:
    case GRPC.cancelled:
      return workerAway(error)
    case GRPC.failedPrecondition:
      return /poller/.test(details) ? workerAway(error) : failed(`the workflow cannot answer: ${details}`, START_A_WORKER, error)
    default:
      return failed(`${message(error)}; --verbose says more`, [], error)
  }
}

export function workerAway(cause: unknown): CliError {
  return failed('Temporal answers, but no worker does: none polls the task queue slipway, or it is busy', START_A_WORKER, cause)
}

/** True when nobody answered in time, wherever that was noticed. */
export function isDeadline(error: unknown): boolean {
  return find(error, (candidate) => ('code' in candidate && candidate.code === GRPC.deadlineExceeded ? candidate : null)) !== null
}

/** True when the server threw an Update back because the workflow's task has to be done once more. */
export function isBetweenRuns(error: unknown): boolean {
  const grpc = find(error, (candidate) => ('code' in candidate && candidate.code === GRPC.failedPrecondition ? candidate : null))
  return grpc !== null && detailsOf(grpc).includes('unexpected workflow task failure')
}

export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}

/** The whole of an error for `--verbose`: stack and causes, without anything that could steer the terminal. */
export function verboseText(error: unknown): string {
  return inspect(error, { depth: 5, colors: false }).split('\n').map(neutral).join('\n')
}

function find(error: unknown, pick: (candidate: Error) => Error | null): Error | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    const found = pick(current)
    if (found !== null) return found
  }
  return null
}

function detailsOf(error: Error): string {
  const details = 'details' in error && typeof error.details === 'string' ? error.details : error.message
  return neutral(details).slice(0, 300)
}

function message(error: unknown): string {
  return neutral(error instanceof Error ? error.message : String(error)).slice(0, 300)
}
