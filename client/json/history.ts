import type { Entry } from '../../domain/timeline.ts'
import type { SprintPicture } from '../picture.ts'
import { iso } from '../view/duration.ts'

/** `slipway history --json`; stable, see docs/json.md. */
export type History = { readonly project: string; readonly version: string; readonly entries: readonly HistoryEntry[] }

export type HistoryEntry = {
  readonly at: string
  /** `sprint`, or the environment's name. */
  readonly where: string
  readonly event: string
  readonly text: string
  readonly by: string | null
}

/** What an environment records and the sprint records too, in the environment's words. */
const MIRRORED = new Set(['verified', 'signedOff', 'refusedByQa'])

/** The sprint's own record and what its environments record of its requests, oldest first. */
export function composeHistory(picture: SprintPicture): History {
  const { state } = picture.sprint
  const own = state.entries.map((entry) => ({ where: 'sprint', entry }))
  const theirs = picture.environments.flatMap(({ settings, view }) =>
    (view?.state.entries ?? [])
      .filter((entry) => !MIRRORED.has(entry.event) && isAbout(picture, settings.from, entry))
      .map((entry) => ({ where: settings.name, entry })),
  )
  const all = [...own, ...theirs].toSorted((a, b) => a.entry.at - b.entry.at)
  return {
    project: state.project,
    version: state.version,
    entries: all.map(({ where, entry }) => ({ at: iso(entry.at), where, event: entry.event, text: entry.text, by: entry.by })),
  }
}

/** Environments serve many sprints: what develop feeds belongs to the one that integrated then, the rest names the version. */
function isAbout(picture: SprintPicture, from: 'develop' | 'release' | 'tag', entry: Entry): boolean {
  const { state } = picture.sprint
  const began = state.entries[0]?.at ?? 0
  if (entry.at < began) return false
  if (from === 'develop') return entry.at <= (state.entries.find((own) => own.event === 'stabilising')?.at ?? Number.MAX_SAFE_INTEGER)
  const version = state.version.replaceAll('.', '\\.')
  const prefix = state.settings.branches.releasePrefix.replaceAll(/[^A-Za-z0-9]/g, '\\$&')
  return new RegExp(`(?<![A-Za-z0-9.])(v${version}(?![0-9]|\\.[0-9])|${prefix}${version}\\.[0-9a-f]{8})`).test(entry.text)
}
