const PAUSE_MS = 10_000
const MOST_KEYS = 1_000

/** Does the same thing once in ten seconds at most: a flood of requests does not become one of log lines. */
export function seldom(now: () => number): (key: string, go: () => void) => void {
  const last = new Map<string, number>()
  return (key, go) => {
    const before = last.get(key)
    if (before !== undefined && now() - before < PAUSE_MS) return
    if (last.size >= MOST_KEYS) last.clear()
    last.set(key, now())
    go()
  }
}
