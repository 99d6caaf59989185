import { CancelledFailure } from '@temporalio/common'

/** Why an attempt ends while what it began may well go on: the next one follows it. Temporal's own words. */
const GOES_ON = new Set(['WORKER_SHUTDOWN', 'TIMED_OUT', 'NOT_FOUND', 'PAUSED', 'RESET'])

/** Whether what runs remotely is to be ended as well when an attempt's signal aborts for this reason. */
export function endsWhatRuns(reason: unknown): boolean {
  return !(reason instanceof CancelledFailure && GOES_ON.has(reason.message))
}
