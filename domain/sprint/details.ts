import { plain } from '../environment/details.ts'
import { nextCommands } from './next.ts'
import type { SprintState } from './state.ts'
import { sprintWaits } from './waits.ts'

/** Markdown for the person who reads the Temporal UI: where the sprint stands, what it waits for, what happened. */
export function sprintDetails(state: SprintState): string {
  return [
    `**${state.version} is ${state.phase}** since ${new Date(state.since).toISOString()}.`,
    '',
    ...state.features.map((feature) => `- ${feature.merged === null ? 'not merged' : 'merged'}: ${plain(feature.branch)}`),
    ...sprintWaits(state).map(
      (wait) =>
        `- waits: ${plain(wait.detail)}${wait.hash === undefined ? '' : ` (request ${plain(wait.request ?? '')}, hash ${wait.hash})`}`,
    ),
    `- possible now: ${nextCommands(state)
      .map((command) => `\`${command}\``)
      .join(', ')}`,
    '',
    ...state.entries
      .slice(-12)
      .toReversed()
      .map((entry) => `- ${new Date(entry.at).toISOString()} ${plain(entry.text)}${entry.by === null ? '' : ` — ${plain(entry.by)}`}`),
  ].join('\n')
}
