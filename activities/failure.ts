import { ApplicationFailure } from '@temporalio/common'
import type { PermanentFailure } from './contract.ts'

/**
 * A failure that trying again will not mend. `message` is one sentence for a person: what was expected, what was found,
 * what to do next, and never a secret. `details` is small plain JSON.
 */
export function permanent(type: PermanentFailure, message: string, details?: unknown, cause?: Error): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    ...(details === undefined ? {} : { details: [details] }),
    ...(cause ? { cause } : {}),
  })
}

/** A failure that time may mend: an engine, a network or a registry that is away. */
export function transient(message: string, cause?: Error): ApplicationFailure {
  return ApplicationFailure.create({ type: 'Unavailable', message, ...(cause ? { cause } : {}) })
}

/** Whether doing it again would come to the same. */
export function isPermanent(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true
}
