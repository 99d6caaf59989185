import { ActivityFailure, ApplicationFailure, condition, isCancellation, sleep, TimeoutFailure } from '@temporalio/workflow'
import type { PermanentFailure } from '../activities/contract.ts'
import type { Retry } from './messages.ts'

/** Why something cannot be done, however often it is tried. */
export type Permanent = { readonly type: PermanentFailure; readonly reason: string; readonly details: unknown }

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Permanent }
  | { readonly ok: false; readonly failure: null }

const LONGEST_PAUSE_MS = 60_000
const MANY_ATTEMPTS = 30
const PAUSE_AFTER_MANY_MS = 600_000

/**
 * Tries until it succeeds, fails permanently, or nobody wants it any more (`failure: null`). Between attempts the reason
 * is told, so that what waits has a reason that can be asked.
 */
export async function persist<T>(
  attempt: (attempt: number) => Promise<T>,
  options: { readonly onRetry: (retry: Retry | null) => void; readonly wanted?: () => boolean },
): Promise<Outcome<T>> {
  for (let number = 1; ; number++) {
    try {
      const value = await attempt(number)
      options.onRetry(null)
      return { ok: true, value }
    } catch (error) {
      if (isCancellation(error)) throw error
      const failure = permanentOf(error)
      if (failure !== null) {
        options.onRetry(null)
        return { ok: false, failure }
      }
      const pauseMs = number > MANY_ATTEMPTS ? PAUSE_AFTER_MANY_MS : Math.min(LONGEST_PAUSE_MS, 500 * 2 ** number)
      options.onRetry({ reason: reasonOf(error), attempt: number, at: Date.now() + pauseMs })
      const { wanted } = options
      if (wanted === undefined) await sleep(pauseMs, { summary: `try again after attempt ${number}` })
      else if (await condition(() => !wanted(), pauseMs)) return { ok: false, failure: null }
    }
  }
}

/** True for what trying again will not mend. */
export function isPermanent(error: unknown): boolean {
  return permanentOf(error) !== null
}

function permanentOf(error: unknown): Permanent | null {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (!(cause instanceof ApplicationFailure) || cause.nonRetryable !== true) return null
  return { type: (cause.type ?? 'InvalidConfiguration') as PermanentFailure, reason: cause.message, details: cause.details?.[0] ?? null }
}

/** A sentence for a person, from whatever Temporal wrapped around it. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (cause instanceof TimeoutFailure) {
    switch (cause.timeoutType) {
      case 'HEARTBEAT':
        return 'the worker that did it stopped answering'
      case 'SCHEDULE_TO_START':
        return 'no worker polls the task queue'
      default:
        return 'it took longer than it may'
    }
  }
  return cause instanceof Error ? cause.message : String(cause)
}
