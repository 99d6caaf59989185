import { quoted } from '../../domain/parsed.ts'
import { parseRefName } from '../../domain/ref-name.ts'
import { branchRef, shortRef } from '../../domain/ref-rules.ts'
import type { ProjectSettings } from '../../domain/settings.ts'
import type { LookInput, LookResult, RefChange } from '../contract.ts'
import { transient } from '../failure.ts'
import type { Want } from './commands.ts'
import { baselineOf, pageOf, withoutImport, type ChangedRef } from './changes.ts'
import { contains } from './contains.ts'
import type { FeatureJudge, WatchedFeature } from './features.ts'
import { heldAt } from './held-refs.ts'
import { listRemote } from './list-refs.ts'
import { nameListing, readableName, type ListedRef, type Listing } from './listing.ts'
import { loadListing, saveListing } from './listing-store.ts'
import { mapLimit } from './map-limit.ts'
import type { GitMirror } from './open-mirror.ts'

/** With the longest names that are served, and two sha256 beside each, under the 64 KiB that a history may hold. */
const PAGE = 150
const NAMES_SHOWN = 10
const TRIES = 3

type Parts = { readonly mirror: GitMirror; readonly settings: ProjectSettings; readonly judge: FeatureJudge }

/** Lists the remote's refs, fetches what changed, and says what that means. A remote that changes under it is looked at again. */
export async function look(input: LookInput, parts: Parts, signal: AbortSignal): Promise<LookResult> {
  for (let tries = 0; tries < TRIES; tries++) {
    const result = await lookOnce(input, parts, signal)
    if (result !== null) return result
  }
  throw transient(`The remote of ${input.project} changed ${TRIES} times while it was looked at; it is looked at again.`)
}

/** Null when the remote no longer has what it had listed. */
async function lookOnce(input: LookInput, { mirror, settings, judge }: Parts, signal: AbortSignal): Promise<LookResult | null> {
  const names = settings.branches
  const now = await listRemote(mirror, signal)
  const nowNamed = nameListing(now)
  const before = input.cursor === nowNamed.cursor ? now : await listingBefore(input.cursor, mirror)
  const base = withoutImport(before ?? baselineOf(now, names, input.versions), now, names, input.versions)
  const page = pageOf(base.before, now, names, PAGE)
  const develop = branchRef(names.develop)
  const features = input.features.map((branch) => watched(branch, before, now))

  const needed = [develop, ...page.changes.map(({ ref }) => ref), ...features.flatMap(({ ref }) => ref ?? [])]
  if ((await fetchNeeded([...new Set(needed)], now, mirror, signal)) === 'gone') return null

  const seen = page.seen === now ? nowNamed : nameListing(page.seen)
  const [changes, facts] = await Promise.all([
    mapLimit(page.changes, 4, (change) => toRefChange(change, mirror, signal)),
    judge({ develop: commitAt(now, develop), developBefore: commitAt(before, develop), features }, mirror, signal),
    saveListing(mirror.paths.listings, seen),
  ])
  const unserved = [
    ...page.unserved,
    ...page.changes.filter((_, index) => changes[index] === null).map(({ ref }) => quoted(shortRef(readableName(ref)))),
  ]
  return {
    cursor: seen.cursor,
    first: before === null,
    changes: changes.filter((change) => change !== null),
    more: page.more,
    imported: base.imported,
    unserved: { count: unserved.length, names: unserved.slice(0, NAMES_SHOWN) },
    develop: commitAt(now, develop),
    features: facts,
    settings: settings.hash === input.settingsHash ? null : settings,
  }
}

async function listingBefore(cursor: string | null, mirror: GitMirror): Promise<Listing | null> {
  return cursor === null ? null : loadListing(mirror.paths.listings, cursor)
}

function watched(branch: string, before: Listing | null, now: Listing): WatchedFeature {
  if (!parseRefName(branch).ok) return { branch, ref: null, revision: null, revisionBefore: null }
  const ref = branchRef(branch)
  return { branch, ref, revision: commitAt(now, ref), revisionBefore: commitAt(before, ref) }
}

function commitAt(listing: Listing | null, ref: string) {
  return listing?.get(ref)?.commit ?? null
}

async function fetchNeeded(refs: readonly string[], now: Listing, mirror: GitMirror, signal: AbortSignal): Promise<'here' | 'gone'> {
  const there = refs.flatMap((ref) => {
    const listed = now.get(ref)
    return listed === undefined ? [] : [{ ref, listed }]
  })
  const sample: ListedRef | undefined = now.values().next().value
  if (sample !== undefined) await mirror.prepare(sample.commit, signal)
  const infos = await Promise.all(there.map(({ listed }) => mirror.objects.info(listed.commit, signal)))
  const wants: readonly Want[] = there
    .filter((_, index) => infos[index] === null)
    .map(({ ref, listed }) => ({ object: listed.object, ref: heldAt(ref) }))
  return mirror.fetch(wants, signal)
}

/** Null for a tag that names no commit but a file or a folder: nothing can be built from it. */
async function toRefChange({ ref, before, now }: ChangedRef, mirror: GitMirror, signal: AbortSignal): Promise<RefChange | null> {
  const from = before?.commit ?? null
  const to = now?.commit ?? null
  if (to !== null && (await mirror.objects.info(to, signal))?.type !== 'commit') return null
  return { ref, from, to, rewritten: from !== null && to !== null && !(await contains(to, from, mirror, signal)) }
}
