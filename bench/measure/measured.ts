import type { Measured } from '../results.ts'
import { summarise } from '../statistics.ts'

export function measured(samples: readonly number[]): Measured {
  const rounded = samples.map((sample) => Math.round(sample * 10) / 10)
  return { ...summarise(rounded), samples: rounded }
}
