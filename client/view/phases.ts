import { PHASES, type Phase } from '../../domain/sprint/phase.ts'
import { age } from './duration.ts'
import { span, type Line, type Span, type Style } from './span.ts'
import { widthOf } from './width.ts'

/** All phases in one line: what is done, what is going on and for how long, what comes. Narrow where the terminal is. */
export function phaseLine(phase: Phase, at: { readonly since: number; readonly now: number; readonly columns: number }): Line {
  if (phase === 'aborted') return [span('✗ aborted', 'red'), span(` ${age(at.since, at.now)} ago`)]
  const way = wayOf(phase)
  const steps = way.map((name, index) => stepOf(name, index - way.indexOf(phase), at))
  const wide = joined(steps, ' ── ')
  if (fits(wide, at.columns)) return wide
  const narrow = joined(steps, ' ')
  // What is done already says the least.
  return fits(narrow, at.columns) ? narrow : joined(steps.slice(way.indexOf(phase)), ' ')
}

/** Not every sprint is mended or rolled back: the line shows that where it is so. */
function wayOf(here: Phase): Phase[] {
  return PHASES.filter((phase) => phase !== 'aborted' && (phase === here || (phase !== 'hotfixing' && phase !== 'rolledBack')))
}

function stepOf(name: Phase, distance: number, { since, now }: { readonly since: number; readonly now: number }): Span[] {
  if (distance < 0 || (distance === 0 && name === 'finished')) {
    return [span(`✓ ${name}`, 'green'), ...(distance === 0 ? [span(` ${age(since, now)} ago`)] : [])]
  }
  if (distance > 0) return [span(`○ ${name}`, 'dim')]
  const [mark, style]: [string, Style] = name === 'rolledBack' ? ['✗', 'red'] : ['●', 'cyan']
  return [span(`${mark} ${name}`, style), span(` ${age(since, now)}`)]
}

function joined(steps: readonly Span[][], separator: string): Line {
  return steps.flatMap((step, index) => [...(index === 0 ? [] : [span(separator, 'dim')]), ...step])
}

function fits(line: Line, columns: number): boolean {
  return widthOf(line.map(({ text }) => text).join('')) <= columns
}
