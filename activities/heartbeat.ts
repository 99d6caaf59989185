import type { AttemptContext } from './context.ts'

/** Says in one line what the work is at; blank ones are passed over. */
export type Say = (line: string) => void

const LOOK_EVERY_MS = 250
const SILENT_AT_MOST_MS = 1000
const MOST_SHOWN = 300

/**
 * Tells Temporal that the attempt lives, for as long as the work lasts; that is also how a cancellation is heard. A new
 * line is shown at most four times a second, and the same one again every second, so that long silence is not taken for
 * death. Work that is done at once costs no heartbeat.
 */
export async function withHeartbeat<T>(
  attempt: AttemptContext,
  first: string,
  work: (say: Say, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let line = shorten(first)
  let shown: string | null = null
  let silentMs = 0
  const timer = setInterval(() => {
    silentMs += LOOK_EVERY_MS
    if (line === shown && silentMs < SILENT_AT_MOST_MS) return
    attempt.heartbeat({ line })
    shown = line
    silentMs = 0
  }, LOOK_EVERY_MS)
  try {
    return await work((next) => {
      line = shorten(next) || line
    }, attempt.signal)
  } finally {
    clearInterval(timer)
  }
}

/** Lines come from builds, hosts and servers: of any length, and with what ends a line. */
function shorten(line: string): string {
  return line.trim().slice(0, MOST_SHOWN)
}
