/** Of some samples of one thing, in their own unit. */
export type Summary = {
  readonly count: number
  readonly min: number
  readonly q1: number
  readonly median: number
  readonly q3: number
  readonly max: number
}

/** @throws when there is no sample: a median of nothing is a mistake of the caller */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error('expected at least one sample, found none')
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => quantile(sorted, share)
  return { count: sorted.length, min: at(0), q1: at(0.25), median: at(0.5), q3: at(0.75), max: at(1) }
}

/** Between the two nearest samples by their distance (type 7 of Hyndman and Fan, as R and numpy do by default). */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share
  const low = sorted[Math.floor(position)] ?? 0
  const high = sorted[Math.ceil(position)] ?? low
  return low + (high - low) * (position - Math.floor(position))
}

export function median(samples: readonly number[]): number {
  return summarise(samples).median
}
