import { setTimeout as sleep } from 'node:timers/promises'
import { explain } from './explain.ts'

/** The answer, or a sentence why there is none. What comes later is dropped. */
export async function inTime<T>(work: Promise<T>, withinMs: number): Promise<T | string> {
  const ended = new AbortController()
  const late = sleep(withinMs, `there was no answer within ${withinMs / 1000} s`, { signal: ended.signal, ref: false })
  try {
    return await Promise.race([work.catch((error: unknown) => explain(error).message), late])
  } finally {
    ended.abort()
    late.catch(() => undefined)
  }
}
