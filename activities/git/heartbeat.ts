import type { AttemptContext } from '../context.ts'

const BEAT_MS = 1500

/** Tells Temporal that the work goes on, which is also how it hears of a cancellation, until the work ends. */
export async function beating<T>(attempt: AttemptContext, line: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timer = setInterval(() => attempt.heartbeat({ line }), BEAT_MS)
  try {
    return await work(attempt.signal)
  } finally {
    clearInterval(timer)
  }
}
