import type { AttemptContext } from '../context.ts'

const BEAT_MS = 1000

/** Beats while the work lasts, with the newest line that it said. */
export async function withHeartbeat<T>(
  attempt: AttemptContext,
  first: string,
  work: (say: (line: string) => void) => Promise<T>,
): Promise<T> {
  let line = first
  attempt.heartbeat({ line })
  const timer = setInterval(() => attempt.heartbeat({ line }), BEAT_MS)
  try {
    return await work((next) => {
      line = next
    })
  } finally {
    clearInterval(timer)
  }
}
