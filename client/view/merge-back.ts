import type { MergeTarget } from '../../domain/merge-back/state.ts'
import { shortSha } from '../../domain/revision.ts'
import type { MergeBackPicture } from '../../domain/sprint/state.ts'
import { age } from './duration.ts'
import { span, table, type Line, type Span } from './span.ts'

/** One row a branch: whether it has the release; below what waits for a person, the steps and the merge request. */
export function mergeBackLines(mergeBack: MergeBackPicture | null, now: number): Line[] {
  if (mergeBack === null) return []
  const rows = table(mergeBack.targets.map((target) => rowOf(target, now)))
  return [
    ...(mergeBack.stopped === null ? [] : [[span(`  stopped: ${mergeBack.stopped}`, 'yellow')]]),
    ...mergeBack.targets.flatMap((target, index): Line[] => [rows[index] ?? [], ...personLines(target)]),
  ]
}

function rowOf({ branch, status, since }: MergeTarget, now: number): Span[] {
  switch (status.kind) {
    case 'open':
      return [span('○', 'dim'), span(branch), span(`is next, for ${age(since, now)}`)]
    case 'retry':
      return [span('!', 'yellow'), span(branch), span(`tried again: ${status.reason}`, 'yellow')]
    case 'person':
      return [span('?', 'yellow'), span(branch), span(`waits for a person for ${age(since, now)}: ${status.reason}`, 'yellow')]
    case 'done':
      return [span('✓', 'green'), span(branch), span(`${HOW[status.how]}, ${shortSha(status.tip)}`)]
    case 'stopped':
      return [span('–', 'dim'), span(branch), span('was not pushed', 'dim')]
    default:
      return status satisfies never
  }
}

export const HOW = {
  merged: 'merged',
  merge: 'had it by a merge',
  squash: 'had it by a squash',
  person: 'has it, as a person says',
} as const

function personLines({ status }: MergeTarget): Line[] {
  if (status.kind !== 'person') return []
  const { mergeRequest, steps } = status
  return [
    ...(mergeRequest === null ? [] : [[span(`     merge request ${mergeRequest.number}: `), span(mergeRequest.url, 'cyan')]]),
    ...steps.map((step) => [span(`     ${step}`)]),
  ]
}
