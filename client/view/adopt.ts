import type { Outcome } from '../adopt/outcome.ts'
import { heading, span, table, type Line, type Span } from './span.ts'

/** One line for each thing that was to be taken over; below what failed, what to do. */
export function outcomeLines(title: string, outcomes: readonly Outcome[]): Line[] {
  if (outcomes.length === 0) return []
  const rows = table(outcomes.map(({ name, kind, text }) => [MARKS[kind], span(name), span(text, kind === 'failed' ? 'red' : undefined)]))
  return [
    heading(title),
    ...outcomes.flatMap(({ next }, index): Line[] => [
      rows[index] ?? [],
      ...next.map((command) => [span('     next: ', 'dim'), span(command, 'cyan')]),
    ]),
  ]
}

const MARKS: Readonly<Record<Outcome['kind'], Span>> = {
  taken: span('✓', 'green'),
  nothing: span('○', 'dim'),
  known: span('–', 'dim'),
  left: span('–', 'yellow'),
  failed: span('✗', 'red'),
}
