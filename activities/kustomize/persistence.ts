/** Since when things are seen without a break, by key. */
export type Sightings = ReadonlyMap<string, number>

/** What was seen at `nowMs`: what was there before keeps its time, what is no longer there is forgotten. */
export function sight(before: Sightings, keys: readonly string[], nowMs: number): Sightings {
  return new Map(keys.map((key) => [key, before.get(key) ?? nowMs]))
}

export function seenForMs(sightings: Sightings, key: string, nowMs: number): number {
  return nowMs - (sightings.get(key) ?? nowMs)
}

/** How long to wait until the next look: a fortieth of what has passed, 50 ms at first and 1 s at most. */
export function pollDelayMs(elapsedMs: number): number {
  return Math.min(1000, Math.max(50, Math.round(elapsedMs / 40)))
}
