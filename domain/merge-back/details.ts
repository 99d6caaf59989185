import { plain } from '../environment/details.ts'
import { shortSha } from '../revision.ts'
import { stepsInLine, type MergeBackState, type MergeTarget } from './state.ts'

/** Markdown for the person who reads the Temporal UI. */
export function mergeBackDetails(state: MergeBackState): string {
  return [
    `**${state.tag}** goes back into ${state.targets.map(({ branch }) => plain(branch)).join(', ')}.`,
    ...(state.stopped === null ? [] : [`It was stopped: ${plain(state.stopped)}`]),
    '',
    ...state.targets.map((target) => `- ${plain(target.branch)}: ${plain(standing(target))}`),
    '',
    ...state.entries.slice(-8).map((entry) => `- ${new Date(entry.at).toISOString()} ${plain(entry.text)}`),
  ].join('\n')
}

function standing({ status }: MergeTarget): string {
  switch (status.kind) {
    case 'open':
      return 'next'
    case 'retry':
      return `tried again: ${status.reason}`
    case 'person':
      return `waits for a person: ${status.reason}${status.steps.length === 0 ? '' : `; ${stepsInLine(status.steps)}`}`
    case 'done':
      return `has it (${status.how}, ${shortSha(status.tip)})`
    case 'stopped':
      return 'not pushed, and will not be'
    default:
      return status satisfies never
  }
}
