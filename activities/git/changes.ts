import { imageTagOf } from '../../domain/image-tag.ts'
import { IMPORT_OF_TAGS } from '../../domain/repository/absorb.ts'
import { quoted } from '../../domain/parsed.ts'
import { parseRefName } from '../../domain/ref-name.ts'
import { classifyRef, isBuilt, shortRef, type BranchNames } from '../../domain/ref-rules.ts'
import type { Revision } from '../../domain/revision.ts'
import { formatVersion } from '../../domain/version.ts'
import { byCodeUnit, readableName, type ListedRef, type Listing } from './listing.ts'

/** A ref that the image rule names, before and now; at least one of them is there. */
export type ChangedRef = { readonly ref: string; readonly before: ListedRef | null; readonly now: ListedRef | null }

export type Page = {
  /** At most `limit`, branches first. */
  readonly changes: readonly ChangedRef[]
  /** Changed refs whose names Slipway does not serve, quoted. */
  readonly unserved: readonly string[]
  /** What has been shown with this page: `now` without the changes that are left for later. */
  readonly seen: Listing
  readonly more: boolean
}

/** Compares two listings, and shows the first part of what changed among the refs that the image rule names. */
export function pageOf(before: Listing, now: Listing, names: BranchNames, limit: number): Page {
  const changed = changedRefs(before, now).filter(({ ref }) => builds(ref, names))
  const served = changed.filter(({ ref, before: was, now: is }) => isServed(ref, (is ?? was)!.commit))
  const unserved = changed.filter(({ ref, now: is }) => is !== null && !isServed(ref, is.commit))
  const ordered = served.toSorted((a, b) => rank(a.ref, names) - rank(b.ref, names) || byCodeUnit(a.ref, b.ref))
  const later = ordered.slice(limit)
  return {
    changes: ordered.slice(0, limit),
    unserved: unserved.map(({ ref }) => quoted(shortRef(readableName(ref)))),
    seen: later.length === 0 ? now : undone(now, later),
    more: later.length > 0,
  }
}

/**
 * What a first look compares with: everything but the branches that the image rule names and the release tags of open
 * sprints, so that all other tags are the baseline.
 */
export function baselineOf(now: Listing, names: BranchNames, versions: readonly string[]): Listing {
  return new Map([...now].filter(([ref]) => (ref.startsWith('refs/tags/') ? !isTagOf(ref, names, versions) : !builds(ref, names))))
}

/**
 * More new tags at once than a team makes are an import of old ones: but for those of open sprints they join what was there
 * before, all of them in one look, and are counted.
 */
export function withoutImport(
  before: Listing,
  now: Listing,
  names: BranchNames,
  versions: readonly string[],
): { readonly before: Listing; readonly imported: number } {
  const fresh = [...now].filter(([ref, { commit }]) => ref.startsWith('refs/tags/') && !before.has(ref) && isServed(ref, commit))
  if (fresh.length <= IMPORT_OF_TAGS) return { before, imported: 0 }
  const aside = fresh.filter(([ref]) => !isTagOf(ref, names, versions))
  return { before: new Map([...before, ...aside]), imported: aside.length }
}

function isTagOf(ref: string, names: BranchNames, versions: readonly string[]): boolean {
  const kind = classifyRef(ref, names)
  return kind?.kind === 'releaseTag' && versions.includes(formatVersion(kind.tag.version))
}

function changedRefs(before: Listing, now: Listing): ChangedRef[] {
  const changes: ChangedRef[] = []
  for (const [ref, is] of now) {
    const was = before.get(ref) ?? null
    // A tag that was made anew on the same commit is the same to Slipway.
    if (was?.commit !== is.commit) changes.push({ ref, before: was, now: is })
  }
  for (const [ref, was] of before) if (!now.has(ref)) changes.push({ ref, before: was, now: null })
  return changes
}

function undone(now: Listing, later: readonly ChangedRef[]): Listing {
  const seen = new Map(now)
  for (const { ref, before } of later) {
    if (before === null) seen.delete(ref)
    else seen.set(ref, before)
  }
  return seen
}

function builds(ref: string, names: BranchNames): boolean {
  const kind = classifyRef(ref, names)
  return kind !== null && isBuilt(kind)
}

/** A name that cannot be written as an image tag cannot be served either. */
function isServed(ref: string, revision: Revision): boolean {
  return parseRefName(shortRef(ref)).ok && imageTagOf(ref, revision).ok
}

function rank(ref: string, names: BranchNames): number {
  const order = ['develop', 'master', 'release', 'releaseLike', 'releaseTag', 'tag', 'branch'] as const
  return order.indexOf(classifyRef(ref, names)?.kind ?? 'branch')
}
