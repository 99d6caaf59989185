import type { Names } from '../../domain/environment/state.ts'
import type { PlannedChange } from '../contract.ts'

/** A history and a state hold it: names of objects, at most so many, and none longer than this. */
const MOST_NAMES = 20
const LONGEST_NAME = 150

/** What takes something away, `delete configmap/settings`. */
export function removals(changes: readonly PlannedChange[]): Names {
  return named(changes.filter(takesAway).map(spokenChange))
}

/** The removals of a plan that an earlier one did not have; all of them where nothing was shown. */
export function unseenRemovals(seen: readonly PlannedChange[] | null, now: readonly PlannedChange[]): Names {
  const known = new Set((seen ?? []).filter(takesAway).map(spokenChange))
  return named(now.filter((change) => takesAway(change) && !known.has(spokenChange(change))).map(spokenChange))
}

/** Each object that a plan speaks of otherwise than an earlier one did, with what becomes of it now. */
export function otherwise(seen: readonly PlannedChange[], now: readonly PlannedChange[]): Names {
  const before = new Map(seen.map((change) => [change.object, change]))
  const after = new Set(now.map(({ object }) => object))
  const changed = now.flatMap((change) => {
    const old = before.get(change.object)
    if (old === undefined) return change.change === 'unchanged' ? [] : [`${spokenChange(change)} (was not planned)`]
    if (old.change !== change.change) return [`${spokenChange(change)} (was ${old.change})`]
    return old.diff === change.diff ? [] : [`${spokenChange(change)} (of other fields or values)`]
  })
  const gone = seen.filter(({ object, change }) => !after.has(object) && change !== 'unchanged')
  return named([...changed, ...gone.map((change) => `${change.object} (was ${change.change}) is left as it is`)])
}

function takesAway({ change }: PlannedChange): boolean {
  return change === 'delete' || change === 'replace'
}

function spokenChange({ object, change }: PlannedChange): string {
  return `${change} ${object}`
}

function named(all: readonly string[]): Names {
  const names = all.slice(0, MOST_NAMES).map((name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name))
  return { names, left: all.length - names.length }
}
