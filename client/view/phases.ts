import type { Phase } from '../../domain/sprint/phase.ts'
import { age } from './duration.ts'
import { span, type Line } from './span.ts'

/** The way from develop to production; a sprint that was aborted left it. */
const WAY: readonly Phase[] = ['integrating', 'stabilising', 'releasing', 'live']

/** All phases in one line: what is done, what is going on and for how long, what comes. */
export function phaseLine(phase: Phase, since: number, now: number): Line {
  if (phase === 'aborted') return [span('✗ aborted', 'red'), span(` ${age(since, now)} ago`)]
  const here = WAY.indexOf(phase)
  return WAY.flatMap((name, index) => [
    ...(index === 0 ? [] : [span(' ── ', 'dim')]),
    ...(index < here
      ? [span(`✓ ${name}`, 'green')]
      : index === here
        ? [span(`● ${name}`, 'cyan'), span(` ${age(since, now)}`)]
        : [span(`○ ${name}`, 'dim')]),
  ])
}
