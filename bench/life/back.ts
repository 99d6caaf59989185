import type { Moments } from '../history/moments.ts'
import type { Target } from '../ways/way.ts'

/** What the older and the newer of the two versions answer with. */
export const OLDER = 'older'
export const NEWER = 'newer'

/** One way back on one target. */
export type WayBack = {
  readonly name: string
  readonly target: Target
  readonly back: () => Promise<WentBack>
  /** To the newer version again; not measured. */
  readonly forth: () => Promise<void>
}

export type WentBack = {
  /** From the command until the old version answers. */
  readonly served: number
  /** From the command until it is said to be done. */
  readonly done: number
  /** Named moments on the way, in milliseconds since the command began. */
  readonly moments: Moments
}
