import type { AttemptContext } from '../context.ts'

const SHOW_EVERY_MS = 250
const LIVE_EVERY_MS = 1500

export type LiveLine = { readonly show: (line: string) => void }

/**
 * Heartbeats for as long as the work lasts: the newest line at most four times a second, and the same one again while
 * there is no other, so that long silence is not taken for death.
 */
export async function withLiveLine<T>(attempt: AttemptContext, first: string, work: (live: LiveLine) => Promise<T>): Promise<T> {
  let line = first
  let shown = ''
  let silentMs = 0
  attempt.heartbeat({ line })
  const timer = setInterval(() => {
    silentMs += SHOW_EVERY_MS
    if (line === shown && silentMs < LIVE_EVERY_MS) return
    attempt.heartbeat({ line })
    shown = line
    silentMs = 0
  }, SHOW_EVERY_MS)
  try {
    return await work({ show: (next) => void (line = next) })
  } finally {
    clearInterval(timer)
  }
}
