import type { Size } from './size.ts'

/** An event of a history, as much of it as is needed here. */
export type Counted = {
  readonly id: number
  readonly kind: 'timerStarted' | 'timerFired' | 'signal' | 'child' | 'task' | 'other'
  /** Of the history before it, where the event says so (a workflow task's begin). */
  readonly bytes?: number
}

/**
 * What each look by the timer that found nothing added: from one timer to the next, where nobody said anything meanwhile.
 * Bytes are known where a workflow task begins: from the first one of this look to the first one of the next.
 */
export function sweepsIn(events: readonly Counted[]): Size[] {
  const fired = events.flatMap(({ kind }, index) => (kind === 'timerFired' ? [index] : []))
  return fired.slice(1).flatMap((end, index) => {
    const begin = fired[index] ?? 0
    const between = events.slice(begin, end)
    if (between.some(({ kind }) => kind === 'signal' || kind === 'child')) return []
    const [before, after] = [bytesFrom(events, begin), bytesFrom(events, end)]
    if (before === undefined || after === undefined) return []
    return [{ events: between.length, bytes: after - before }]
  })
}

function bytesFrom(events: readonly Counted[], index: number): number | undefined {
  return events.slice(index).find(({ bytes }) => bytes !== undefined)?.bytes
}
