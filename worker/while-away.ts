import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log.ts'

/** What the gRPC protocol calls them: given up waiting, no such namespace (yet), too much asked, aborted, unavailable. */
const PASSING: ReadonlySet<unknown> = new Set([4, 5, 8, 10, 14])
/** The same from the clients, which keep the code to themselves. */
const PASSING_NAMES = ['NamespaceNotFoundError', 'TransportError']

const LONGEST_PAUSE_MS = 10_000

export type Waiting = {
  readonly log: Log
  /** Aborted: nothing more is tried. */
  readonly signal: AbortSignal
  /** What is said when it did not work, before "trying again". */
  readonly what: string
  /** Which failures end by themselves. Default: a server that is away, or does not have the namespace yet. */
  readonly passes?: (error: unknown) => boolean
}

/** Tries until Temporal does it, ever more seldom, and says why it waits; null when it was told to stop. */
export async function whileAway<T>({ log, signal, what, passes = isAway }: Waiting, work: () => Promise<T>): Promise<T | null> {
  for (let pauseMs = 500; !signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) return null
      if (!passes(error)) throw error
      log.warn({ reason: error instanceof Error ? error.message : String(error), retryInMs: pauseMs }, `${what}; trying again`)
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }
  return null
}

/** Looks at the causes, too: the client puts a sentence of its own around what the server said. */
export function isAway(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (('code' in cause && PASSING.has(cause.code)) || PASSING_NAMES.includes(cause.name)) return true
  }
  return false
}
