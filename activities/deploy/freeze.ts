import { Temporal } from 'temporal-polyfill'
import { freezeAt } from '../../config/freeze/evaluate.ts'
import type { FreezeActivities } from '../contract.ts'
import { environmentEstate } from '../estate.ts'
import type { DeployDeps } from './activities.ts'

/** A state remembers it: of more windows that keep it closed at once, these are enough. */
const MOST_WINDOWS = 5

/** The clock and the time zones of this worker, and the estate as it has it now. */
export function createReadFreeze(deps: DeployDeps, now: () => number = Date.now): FreezeActivities['readFreeze'] {
  return ({ project, environment }) => {
    const { freeze } = environmentEstate(deps.estate, project, environment)
    if (freeze === undefined) return Promise.resolve({ open: true, windows: [], until: null, untilWords: null, rollbacks: 'pass' })
    const { open, windows, until } = freezeAt(freeze, now())
    const untilWords = until === null ? null : `${localTime(until, freeze.timeZone)} ${freeze.timeZone}`
    return Promise.resolve({ open, windows: windows.slice(0, MOST_WINDOWS), until, untilWords, rollbacks: freeze.rollbacks })
  }
}

/** `2026-11-30 08:00`, as a clock there shows it. */
function localTime(at: number, zone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime()
  return local.toString({ smallestUnit: 'minute' }).replace('T', ' ')
}
