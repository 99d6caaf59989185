/** Good answers in a row, and when the first of them came. */
export type Streak = { readonly good: number; readonly sinceMs: number }

export const NONE: Streak = { good: 0, sinceMs: 0 }

/** One bad answer begins anew. */
export function extend({ good, sinceMs }: Streak, isGood: boolean, nowMs: number): Streak {
  return isGood ? { good: good + 1, sinceMs: good === 0 ? nowMs : sinceMs } : NONE
}

type Wanted = { readonly successes: number; readonly windowSeconds?: number | undefined }

/** True when there are as many as are wanted, the first and the last of them at least the window apart. */
export function isEnough({ good, sinceMs }: Streak, { successes, windowSeconds = 0 }: Wanted, nowMs: number): boolean {
  return good >= successes && nowMs - sinceMs >= windowSeconds * 1000
}
