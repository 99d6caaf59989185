import { shortSha } from '../revision.ts'
import type { EnvironmentState } from './state.ts'
import { environmentWaits } from './waits.ts'

/** Markdown for the person who reads the Temporal UI: what runs here, what waits, what happened last. */
export function environmentDetails(state: EnvironmentState): string {
  const { current } = state
  return [
    current === null
      ? 'Nothing is verified here yet.'
      : `**${current.tag}** runs here: epoch ${current.epoch}, revision ${shortSha(current.snapshot.candidate.revision)}.`,
    '',
    ...environmentWaits(state).map((wait) => `- waits: ${plain(wait.detail)}`),
    '',
    ...state.entries
      .slice(-8)
      .toReversed()
      .map(
        (entry) =>
          `- ${new Date(entry.at).toISOString()} ${entry.event}: ${plain(entry.text)}${entry.by === null ? '' : ` — ${plain(entry.by)}`}`,
      ),
  ].join('\n')
}

/** Text from outside must not become markup on the audit screen. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!]/g, String.raw`\$&`).replace(/\s+/g, ' ')
}
