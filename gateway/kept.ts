/** Asks at most once in `keptMs`, however often and however many at once want to know. What failed is asked again. */
export function kept<T>(ask: () => Promise<T>, keptMs: number, now: () => number): () => Promise<T> {
  let answer: { readonly until: number; readonly value: Promise<T> } | null = null
  return () => {
    if (answer !== null && answer.until > now()) return answer.value
    const value = ask()
    answer = { until: now() + keptMs, value }
    value.catch(() => (answer = null))
    return value
  }
}
