import type { Drift } from '../../domain/environment/drift.ts'
import type { DriftAnswer } from '../../workflows/messages.ts'
import { age } from './duration.ts'
import { neutral } from './neutral.ts'
import { span, type Line } from './span.ts'
import { nextLines, section } from './status.ts'
import { folded } from './width.ts'

type Options = { readonly now: number; readonly columns: number }

/** `slipway drift NAME`: what of the target is not as it was applied. */
export function driftLines(environment: string, answer: DriftAnswer, options: Options): Line[] {
  const { tag, epoch, findings, left } = answer
  const count = findings.length + left
  const what =
    count === 0
      ? 'is what was applied'
      : count === 1
        ? 'one thing differs from what was applied'
        : `${count} things differ from what was applied`
  return [
    [span(environment, 'bold'), span(`  ${tag}, epoch ${epoch}: `), span(what, count === 0 ? 'green' : 'yellow')],
    ...findingLines(findings, left, options),
    ...section('next', nextLines(answer.next)),
  ]
}

/** Each finding with its two sides and who changed it; folded, never cut. */
export function findingLines(findings: readonly Drift[], left: number, { now, columns }: Options): Line[] {
  return [
    ...findings.flatMap(({ object, field, expected, found, by, at }): Line[] => {
      const what = field === null ? `${object} is ${found}` : `${object} ${field} is ${found} instead of ${expected}`
      const ago = at === null ? '' : ` ${age(at, now)} ago`
      const who = by === null ? (at === null ? '' : `, changed${ago}`) : `, last changed by ${by}${ago}`
      return folded(neutral(`${what}${who}`), columns - 4).map((line, index) => [span(index === 0 ? '  ' : '    '), span(line)])
    }),
    ...(left === 0 ? [] : [[span(`  and ${left} more`, 'dim')]]),
  ]
}
