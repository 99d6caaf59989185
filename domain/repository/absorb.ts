import { shortSha, type Revision } from '../revision.ts'
import { cut } from '../cut.ts'
import { shortRef } from '../ref-rules.ts'
import type { ProjectSettings } from '../settings.ts'
import { recorded } from '../timeline.ts'
import { imageTagOf } from '../image-tag.ts'
import { isFollowed } from './followed.ts'
import type { BuildRecord, FeatureSeen, RepositoryState, TrackedRef } from './state.ts'

/** What one look at the remote gave; the git activity's LookResult. */
export type Look = {
  readonly cursor: string
  readonly first: boolean
  /** True when there is more to read. */
  readonly more: boolean
  /** So many tags were taken as an import, and are not among `changes`; what was looked at by older workers does not say it. */
  readonly imported?: number
  readonly changes: readonly {
    readonly ref: string
    readonly from: Revision | null
    readonly to: Revision | null
    readonly rewritten: boolean
  }[]
  readonly unserved: { readonly count: number; readonly names: readonly string[] }
  readonly develop: Revision | null
  readonly features: readonly FeatureSeen[]
  readonly settings: ProjectSettings | null
}

/** More new tags than this in one look are an import of old ones: counted, and built only where a sprint is open for them. */
export const IMPORT_OF_TAGS = 20

const KEPT_REFS = 60
const LONGEST_REASON = 800
const KEPT_BUILDS = 20

export function absorbLook(state: RepositoryState, look: Look, now: number): RepositoryState {
  const settings = look.settings ?? state.settings
  if (settings === null) return state
  let entries = state.entries
  const imported = look.imported ?? importedOf(look)
  if (imported > 0) entries = recorded(entries, now, 'imported', `${imported} tags appeared at once; only those of open sprints are built`)

  const refs = new Map(state.refs.map((tracked) => [tracked.ref, tracked]))
  const baseline = look.first || (state.baseline && state.cursor !== null)
  if (look.first && !look.more) for (const ref of vanished(state, look)) refs.delete(ref)
  for (const change of look.changes) {
    const name = shortRef(change.ref)
    if (change.to === null) {
      refs.delete(change.ref)
      if (change.from !== null) entries = recorded(entries, now, 'deleted', `${name} was deleted; it was at ${shortSha(change.from)}`)
      continue
    }
    if (change.rewritten && change.from !== null) {
      entries = recorded(entries, now, 'rewritten', `${name} was rewritten from ${shortSha(change.from)} to ${shortSha(change.to)}`)
    }
    const known = refs.get(change.ref)
    if (known?.revision === change.to) continue
    const tag = imageTagOf(change.ref, change.to)
    const rewrittenAt = change.rewritten ? now : known?.rewrittenAt
    refs.set(change.ref, {
      ref: change.ref,
      revision: change.to,
      since: now,
      // What was known and moved has changed, however it is learnt.
      wanted: known !== undefined || isWanted(state, settings, change.ref, baseline, look.imported === undefined && imported > 0),
      named: false,
      problem: tag.ok ? null : tag.problem,
      ...(rewrittenAt === undefined ? {} : { rewrittenAt }),
    })
  }

  return bounded({
    ...state,
    settings,
    cursor: look.cursor,
    baseline: baseline && look.more,
    lookedAt: now,
    outage: null,
    develop: look.develop ?? state.develop,
    refs: [...refs.values()],
    features: look.features,
    unserved: look.unserved.count > 0 ? look.unserved.names : state.unserved,
    entries,
  })
}

/** As it was judged before a look said it: page by page. */
function importedOf({ changes }: Look): number {
  const newTags = changes.filter((change) => change.ref.startsWith('refs/tags/') && change.from === null)
  return newTags.length > IMPORT_OF_TAGS ? newTags.length : 0
}

/** Everything that changes is wanted; of what was there before the first look only develop, and what an open sprint names. */
function isWanted(state: RepositoryState, settings: ProjectSettings, ref: string, baseline: boolean, imported: boolean): boolean {
  if (isFollowed(state, settings.branches, ref)) return true
  return !baseline && !(imported && ref.startsWith('refs/tags/'))
}

/** A first look after others (what was seen then is forgotten) lists every branch there is. */
function vanished(state: RepositoryState, look: Look): string[] {
  const listed = new Set(look.changes.map((change) => change.ref))
  return state.refs.flatMap(({ ref }) => (ref.startsWith('refs/heads/') && !listed.has(ref) ? [ref] : []))
}

export function absorbOutage(state: RepositoryState, reason: string, now: number, nextTryAt?: number): RepositoryState {
  return { ...state, outage: { reason, since: state.outage?.since ?? now, ...(nextTryAt === undefined ? {} : { nextTryAt }) } }
}

export function absorbBuild(state: RepositoryState, build: BuildRecord): RepositoryState {
  const record = build.status === 'failed' ? { ...build, reason: cut(build.reason, LONGEST_REASON) } : build
  const builds = [...state.builds.filter((other) => other.revision !== build.revision), record]
  return bounded({ ...state, builds })
}

/** Forgets that a build failed, so that it is tried again. */
export function forgetFailure(state: RepositoryState, revision: Revision): RepositoryState {
  return { ...state, builds: state.builds.filter((build) => build.revision !== revision || build.status !== 'failed') }
}

/** Forgets why refs could not be served whose images are built, so that naming them is tried again. */
export function forgetProblems(state: RepositoryState): { state: RepositoryState; forgotten: number } {
  const isMended = (tracked: TrackedRef) =>
    tracked.problem !== null && state.builds.some((build) => build.status === 'built' && build.revision === tracked.revision)
  const forgotten = state.refs.filter(isMended).length
  return {
    state: { ...state, refs: state.refs.map((tracked) => (isMended(tracked) ? { ...tracked, problem: null } : tracked)) },
    forgotten,
  }
}

export function markRef(
  state: RepositoryState,
  ref: string,
  revision: Revision,
  mark: Partial<Pick<TrackedRef, 'named' | 'problem' | 'wanted' | 'retry' | 'retryAt'>>,
): RepositoryState {
  const refs = state.refs.map((tracked) => (tracked.ref === ref && tracked.revision === revision ? { ...tracked, ...mark } : tracked))
  return { ...state, refs }
}

/** Keeps what somebody follows and what is under way, then the newest: a forgotten build is answered by the registry. */
function bounded(state: RepositoryState): RepositoryState {
  const branches = state.settings?.branches
  const followed = (ref: string) => branches !== undefined && isFollowed(state, branches, ref)
  const refs = state.refs.toSorted((a, b) => Number(followed(b.ref)) - Number(followed(a.ref)) || b.since - a.since).slice(0, KEPT_REFS)
  if (state.builds.length <= KEPT_BUILDS) return { ...state, refs }

  const wanted = refs.filter((tracked) => tracked.wanted)
  const needing = wanted.filter((tracked) => followed(tracked.ref) || !tracked.named)
  const all = new Set(wanted.map((tracked) => tracked.revision))
  const digests = new Set(needing.map((tracked) => tracked.revision))
  const isNeeded = ({ status, revision }: BuildRecord) => status === 'building' || (status === 'failed' ? all : digests).has(revision)
  const needed = state.builds.filter(isNeeded)
  const room = Math.max(0, KEPT_BUILDS - needed.length)
  const newest = new Set(room === 0 ? [] : state.builds.filter((build) => !isNeeded(build)).slice(-room))
  return { ...state, refs, builds: state.builds.filter((build) => isNeeded(build) || newest.has(build)) }
}
