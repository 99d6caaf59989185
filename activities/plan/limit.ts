import type { Planned, PlannedChange } from '../contract.ts'

/** A history holds it: of a large plan, the store has the rest. */
const MOST_CHANGES = 200
const MOST_BYTES = 48_000
const MOST_BYTES_OF_ONE = 6_000

const KINDS: readonly PlannedChange['change'][] = ['delete', 'replace', 'create', 'update', 'unknown', 'unchanged']

/** What differs first, and what takes something away before all else. */
export function sorted(changes: readonly PlannedChange[]): readonly PlannedChange[] {
  return changes.toSorted((a, b) => KINDS.indexOf(a.change) - KINDS.indexOf(b.change))
}

/** As much of a sorted plan as a history may hold. */
export function limited(changes: readonly PlannedChange[]): Omit<Planned, 'whole' | 'basis'> {
  const shown: PlannedChange[] = []
  let bytes = 0
  for (const change of changes.map(shortened)) {
    bytes += Buffer.byteLength(JSON.stringify(change))
    if (shown.length === MOST_CHANGES || bytes > MOST_BYTES) break
    shown.push(change)
  }
  return {
    changes: shown,
    left: changes.length - shown.length,
    counts: countsOf(changes),
    complete: shown.length === changes.length && shown.every(({ diff }, index) => diff === changes[index]?.diff),
  }
}

export function countsOf(changes: readonly PlannedChange[]): Planned['counts'] {
  const counts = { create: 0, update: 0, replace: 0, delete: 0, unchanged: 0, unknown: 0 }
  for (const { change } of changes) counts[change]++
  return counts
}

function shortened(change: PlannedChange): PlannedChange {
  if (change.diff === null || Buffer.byteLength(JSON.stringify(change.diff)) <= MOST_BYTES_OF_ONE) return change
  const lines = change.diff.split('\n')
  const kept: string[] = []
  let bytes = 0
  for (const line of lines) {
    bytes += Buffer.byteLength(JSON.stringify(line))
    if (bytes > MOST_BYTES_OF_ONE) break
    kept.push(line)
  }
  return { ...change, diff: [...kept, `… and ${lines.length - kept.length} more lines`].join('\n') }
}
