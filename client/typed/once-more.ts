import { setTimeout as sleep } from 'node:timers/promises'
import { isBetweenRuns } from '../explain.ts'

const ATTEMPTS = 8
const PAUSE_MS = 50

/**
 * An Update that comes in the very moment in which a workflow continues as new is thrown back by the server, for the task that
 * would have taken it is done once more. Nobody heard it: it is said again, to whichever run is there then.
 */
export async function onceMore<T>(say: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await say()
    } catch (error) {
      if (attempt >= ATTEMPTS || !isBetweenRuns(error)) throw error
      await sleep(attempt * PAUSE_MS)
    }
  }
}
