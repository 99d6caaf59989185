import { classifyRef, shortRef } from '../domain/ref-rules.ts'
import type { RepositoryState, TrackedRef } from '../domain/repository/state.ts'
import { compareVersions, formatVersion, type Version } from '../domain/version.ts'
import type { Slipway } from './typed/slipway.ts'

/** A version whose release branch or tags are on the remote and that no open sprint follows. */
export type Unfollowed = {
  readonly version: string
  /** Short names, the branch first. */
  readonly refs: readonly string[]
  readonly hasBranch: boolean
}

/** So many are asked about: what was pushed last comes first. */
const ASKED = 8

/** What nobody follows, without what Slipway itself brought to its end. Old tags that nobody pushed since are no news. */
export async function takeUnfollowed(slipway: Slipway, repository: RepositoryState): Promise<Unfollowed[]> {
  const found = unfollowed(repository, ({ ref, wanted }) => wanted || ref.startsWith('refs/heads/')).slice(0, ASKED)
  const ends = await Promise.all(found.map(({ version }) => slipway.sprintEnd(version)))
  return found.filter((_each, index) => ends[index] === null)
}

/** By what the repository says: what was pushed since Slipway looks first, then by age. */
export function unfollowed(repository: RepositoryState, counts: (tracked: TrackedRef) => boolean = () => true): Unfollowed[] {
  const branches = repository.settings?.branches
  if (branches === undefined) return []
  const open = new Set(repository.sprints.map((sprint) => sprint.version))
  const byVersion = Map.groupBy(
    repository.refs.flatMap((tracked) => {
      const kind = classifyRef(tracked.ref, branches)
      const version = kind?.kind === 'release' ? kind.version : kind?.kind === 'releaseTag' ? kind.tag.version : null
      return version === null || open.has(formatVersion(version)) || !counts(tracked) ? [] : [{ version, tracked }]
    }),
    ({ version }) => formatVersion(version),
  )
  return [...byVersion].toSorted(([, a], [, b]) => newestFirst(a, b)).map(([version, entries]) => entryOf(version, entries))
}

type Entry = { readonly version: Version; readonly tracked: TrackedRef }

function newestFirst(a: readonly Entry[], b: readonly Entry[]): number {
  const pushed = (entries: readonly Entry[]) => Number(entries.some(({ tracked }) => tracked.wanted))
  const since = (entries: readonly Entry[]) => Math.max(...entries.map(({ tracked }) => tracked.since))
  return pushed(b) - pushed(a) || since(b) - since(a) || compareVersions(b[0]!.version, a[0]!.version)
}

function entryOf(version: string, entries: readonly Entry[]): Unfollowed {
  const refs = entries.map(({ tracked }) => tracked.ref).toSorted()
  return { version, refs: refs.map(shortRef), hasBranch: refs.some((ref) => ref.startsWith('refs/heads/')) }
}

export function adoptCommand({ version }: Unfollowed): string {
  return `slipway adopt ${version}`
}
