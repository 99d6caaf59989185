import { setTimeout as sleep } from 'node:timers/promises'
import type { AttemptContext } from '../context.ts'

/**
 * Runs `work` with a heartbeat at once and then every second, each with the newest line that the work has told, until it
 * settles. Lines are cut at 300 characters.
 */
export async function withPulse<T>(attempt: AttemptContext, first: string, work: (tell: (line: string) => void) => Promise<T>): Promise<T> {
  let line = first
  attempt.heartbeat({ line })
  const timer = setInterval(() => attempt.heartbeat({ line }), 1_000)
  try {
    return await work((newest) => {
      const text = newest.trim().slice(0, 300)
      if (text !== '') line = text
    })
  } finally {
    clearInterval(timer)
  }
}

/** Waits; throws the signal's reason when it aborts meanwhile. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
