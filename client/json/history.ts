import type { EnvironmentState } from '../../domain/environment/state.ts'
import { verifiedHere } from '../../domain/environment/state.ts'
import type { MergeBackState } from '../../domain/merge-back/state.ts'
import type { Entry } from '../../domain/timeline.ts'
import type { SprintPicture } from '../picture.ts'
import { iso } from '../view/duration.ts'

/** `slipway history --json`; stable, see docs/json.md. */
export type History = { readonly project: string; readonly version: string; readonly entries: readonly HistoryEntry[] }

export type HistoryEntry = {
  readonly at: string
  /** `sprint`, `merge-back`, or the environment's name. */
  readonly where: string
  readonly event: string
  readonly text: string
  readonly by: string | null
}

/** What an environment or the merge-back records and the sprint records too, in the sprint's words. */
const MIRRORED = new Set(['verified', 'signedOff', 'refusedByQa'])
const MIRRORED_MERGES = new Set(['merged', 'waits', 'stopped', 'failed'])

/** The sprint's own record, and what its environments and its merge-back record of it, oldest first. */
export function composeHistory(picture: SprintPicture, mergeBack: MergeBackState | null = null): History {
  const { state } = picture.sprint
  const own = state.entries.map((entry) => ({ where: 'sprint', entry }))
  const theirs = picture.environments.flatMap(({ settings, view }) =>
    view === null
      ? []
      : view.state.entries
          .filter((entry) => isAbout(picture, settings.from, view.state, entry))
          .map((entry) => ({ where: settings.name, entry })),
  )
  const merges = (mergeBack?.entries ?? [])
    .filter((entry) => !MIRRORED_MERGES.has(entry.event))
    .map((entry) => ({ where: 'merge-back', entry }))
  const all = [...own, ...theirs, ...seen(picture), ...merges].toSorted((a, b) => a.entry.at - b.entry.at)
  return {
    project: state.project,
    version: state.version,
    entries: all.map(({ where, entry }) => ({ at: iso(entry.at), where, event: entry.event, text: entry.text, by: entry.by })),
  }
}

/** What was seen of this version when it was verified, for as long as one can go back to it. */
function seen({ sprint: { state }, environments }: SprintPicture): { readonly where: string; readonly entry: Entry }[] {
  return environments.flatMap(({ settings, view }) =>
    (view === null ? [] : verifiedHere(view.state)).flatMap(({ version, tag, epoch, since, observed = [] }) => {
      if (version !== state.version || observed.length === 0) return []
      const text = `epoch ${epoch}: ${tag} was verified by what was seen: ${observed.join('; ')}`
      return [{ where: settings.name, entry: { at: since, event: 'observed', text, by: null } }]
    }),
  )
}

/** Environments serve many sprints: what develop feeds belongs to the one that integrated then, the rest names the version. */
function isAbout(picture: SprintPicture, from: 'develop' | 'release' | 'tag', environment: EnvironmentState, entry: Entry): boolean {
  const { state } = picture.sprint
  const began = state.entries[0]?.at ?? 0
  // What ran before is taken over before its sprint is.
  if (entry.at < began && entry.event !== 'adopted') return false
  // That it went back to another version is nothing the sprint says of itself.
  if (MIRRORED.has(entry.event) && !entry.text.includes(' again, instead of ')) return false
  if (from === 'develop') return entry.at <= (state.entries.find((own) => own.event === 'stabilising')?.at ?? Number.MAX_SAFE_INTEGER)
  return leaves(state.version, environment, entry) || names(state.version, state.settings.branches.releasePrefix, entry.text)
}

/** A rollback names what it goes back to; it concerns what ran then, too. */
function leaves(version: string, environment: EnvironmentState, { event, text, at }: Entry): boolean {
  if (event !== 'rollback' && !(event === 'denied' && text.startsWith('rollback'))) return false
  return verifiedHere(environment).find((deployed) => deployed.since <= at)?.version === version
}

function names(version: string, prefix: string, text: string): boolean {
  const [digits, branch] = [version, prefix].map((part) => part.replaceAll(/[^A-Za-z0-9]/g, '\\$&'))
  return new RegExp(`(?<![A-Za-z0-9.])(v?${digits}(?![0-9]|\\.[0-9])|${branch}${digits}\\.[0-9a-f]{8})`).test(text)
}
