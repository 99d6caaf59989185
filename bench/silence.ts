import { setTimeout as sleep } from 'node:timers/promises'
import { asksVersion, type Place } from './served.ts'

const PAUSE_MS = 20

/** Asks the places for their version again and again, until `end`, which says for how long at most one of them did not answer with it (ms). */
export function watchAnswers(places: readonly Place[], version: string, signal: AbortSignal): { end: () => Promise<{ longest: number }> } {
  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  const watching = Promise.all(
    places.map(async (place) => {
      let longest = 0
      for (let good = Date.now(); !ended.aborted; await sleep(PAUSE_MS)) {
        const asked = Date.now()
        if ((await asksVersion(place)) === version) good = Date.now()
        else longest = Math.max(longest, asked - good)
      }
      return longest
    }),
  )
  return {
    end: async () => {
      stop.abort()
      return { longest: Math.max(...(await watching)) }
    },
  }
}
