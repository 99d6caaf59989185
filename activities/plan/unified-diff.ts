/** Lines of context around each change, as diff and kubectl show them. */
const CONTEXT = 3

/** More changed lines than this are shown as one block: to look for what they have in common would take too long. */
const MOST_EDITS = 1000

type Step = { readonly kind: ' ' | '-' | '+'; readonly line: string }

/** A unified diff without the names of files: hunks that begin with `@@`. Null when both are the same. */
export function unifiedDiff(before: string, after: string): string | null {
  const steps = stepsOf(linesOf(before), linesOf(after))
  const changed = steps.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]))
  if (changed.length === 0) return null
  return hunksOf(changed, steps.length)
    .map(([from, to]) => formatHunk(steps, from, to))
    .join('\n')
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** Ranges of steps, `to` not included: changes whose context touches are one. */
function hunksOf(changed: readonly number[], length: number): readonly (readonly [from: number, to: number])[] {
  const hunks: [number, number][] = []
  for (const index of changed) {
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(length, index + CONTEXT + 1)]
    const last = hunks.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = to
    else hunks.push([from, to])
  }
  return hunks
}

function formatHunk(steps: readonly Step[], from: number, to: number): string {
  const shown = steps.slice(from, to)
  const place = (side: '-' | '+') => {
    const count = (part: readonly Step[]) => part.filter(({ kind }) => kind === ' ' || kind === side).length
    const length = count(shown)
    return `${side}${count(steps.slice(0, from)) + (length === 0 ? 0 : 1)},${length}`
  }
  return [`@@ ${place('-')} ${place('+')} @@`, ...shown.map(({ kind, line }) => `${kind}${line}`)].join('\n')
}

function stepsOf(before: readonly string[], after: readonly string[]): readonly Step[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const same = (line: string): Step => ({ kind: ' ', line })
  return [
    ...before.slice(0, start).map(same),
    ...shortestEdit(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ]
}

/** Myers' algorithm: the fewest lines taken away and added. */
function shortestEdit(a: readonly string[], b: readonly string[]): readonly Step[] {
  const most = Math.min(a.length + b.length, MOST_EDITS)
  /** The furthest x that was reached on each diagonal, after each number of edits. */
  const rounds: Map<number, number>[] = []
  let reached = new Map<number, number>([[1, 0]])
  for (let edits = 0; edits <= most; edits++) {
    rounds.push(reached)
    const next = new Map(reached)
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = fromAbove(reached, diagonal, edits) ? (reached.get(diagonal + 1) ?? 0) : (reached.get(diagonal - 1) ?? 0) + 1
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++
      next.set(diagonal, x)
      if (x >= a.length && x - diagonal >= b.length) return walkBack(a, b, rounds)
    }
    reached = next
  }
  return [...a.map((line): Step => ({ kind: '-', line })), ...b.map((line): Step => ({ kind: '+', line }))]
}

/** True when the diagonal is best reached by an added line. */
function fromAbove(reached: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true
  return diagonal !== edits && (reached.get(diagonal - 1) ?? -1) < (reached.get(diagonal + 1) ?? -1)
}

function walkBack(a: readonly string[], b: readonly string[], rounds: readonly ReadonlyMap<number, number>[]): readonly Step[] {
  const steps: Step[] = []
  let [x, y] = [a.length, b.length]
  for (let edits = rounds.length - 1; edits >= 0; edits--) {
    const reached = rounds[edits]!
    const diagonal = x - y
    const above = fromAbove(reached, diagonal, edits)
    const beforeX = reached.get(above ? diagonal + 1 : diagonal - 1) ?? 0
    const beforeY = beforeX - (above ? diagonal + 1 : diagonal - 1)
    while (x > Math.max(beforeX, 0) && y > Math.max(beforeY, 0) && a[x - 1] === b[y - 1]) {
      steps.push({ kind: ' ', line: a[x - 1]! })
      x--
      y--
    }
    if (edits === 0) break
    steps.push(above ? { kind: '+', line: b[y - 1]! } : { kind: '-', line: a[x - 1]! })
    if (above) y--
    else x--
  }
  return steps.toReversed()
}
