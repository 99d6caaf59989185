import { plain } from '../environment/details.ts'
import { shortRef } from '../ref-rules.ts'
import { shortSha } from '../revision.ts'
import { buildOf, type RepositoryState } from './state.ts'

/** Markdown for the person who reads the Temporal UI. */
export function repositoryDetails(state: RepositoryState): string {
  const looked = state.lookedAt === null ? 'never' : new Date(state.lookedAt).toISOString()
  return [
    `Last read: ${looked}. Open sprints: ${state.sprints.map((sprint) => `${sprint.version} (${sprint.phase})`).join(', ') || 'none'}.`,
    ...(state.outage === null ? [] : [`The remote cannot be read: ${plain(state.outage.reason)}`]),
    '',
    ...state.refs
      .filter((tracked) => tracked.wanted)
      .slice(0, 12)
      .map(
        (tracked) =>
          `- ${plain(shortRef(tracked.ref))} ${shortSha(tracked.revision)}: ${tracked.problem === null ? (buildOf(state, tracked.revision)?.status ?? 'waits') : plain(tracked.problem)}`,
      ),
    '',
    ...state.entries.slice(-8).map((entry) => `- ${new Date(entry.at).toISOString()} ${plain(entry.text)}`),
  ].join('\n')
}
