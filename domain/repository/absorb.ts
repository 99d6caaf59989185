import { shortSha, type Revision } from '../revision.ts'
import { branchRef, classifyRef, shortRef } from '../ref-rules.ts'
import { formatVersion } from '../version.ts'
import type { ProjectSettings } from '../settings.ts'
import { recorded } from '../timeline.ts'
import { imageTagOf } from '../image-tag.ts'
import type { BuildRecord, FeatureSeen, RepositoryState, TrackedRef } from './state.ts'

/** What one look at the remote gave; the git activity's LookResult. */
export type Look = {
  readonly cursor: string
  readonly first: boolean
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

/** More new tags than this in one look are an import of old ones: shown, and built only where a sprint is open for them. */
export const IMPORT_OF_TAGS = 20

const KEPT_REFS = 80
const KEPT_BUILDS = 20

export function absorbLook(state: RepositoryState, look: Look, now: number): RepositoryState {
  const settings = look.settings ?? state.settings
  if (settings === null) return state
  let entries = state.entries
  const newTags = look.changes.filter((change) => change.ref.startsWith('refs/tags/') && change.from === null)
  const imported = newTags.length > IMPORT_OF_TAGS
  if (imported)
    entries = recorded(entries, now, 'imported', `${newTags.length} tags appeared at once; only those of open sprints are built`)

  const refs = new Map(state.refs.map((tracked) => [tracked.ref, tracked]))
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
    if (refs.get(change.ref)?.revision === change.to) continue
    const tag = imageTagOf(change.ref, change.to)
    refs.set(change.ref, {
      ref: change.ref,
      revision: change.to,
      since: now,
      wanted: isWanted(state, settings, change.ref, look.first, imported),
      named: false,
      problem: tag.ok ? null : tag.problem,
    })
  }

  return bounded({
    ...state,
    settings,
    cursor: look.cursor,
    lookedAt: now,
    outage: null,
    develop: look.develop ?? state.develop,
    refs: [...refs.values()],
    features: look.features,
    unserved: look.unserved.count > 0 ? look.unserved.names : state.unserved,
    entries,
  })
}

/** Everything that changes is wanted; of what was there before the first look only develop, and what an open sprint names. */
function isWanted(state: RepositoryState, settings: ProjectSettings, ref: string, first: boolean, imported: boolean): boolean {
  const kind = classifyRef(ref, settings.branches)
  const version = kind?.kind === 'release' ? kind.version : kind?.kind === 'releaseTag' ? kind.tag.version : null
  const ofSprint = version !== null && state.sprints.some((sprint) => sprint.version === formatVersion(version))
  if (ofSprint) return true
  if (first) return kind?.kind === 'develop'
  return !(imported && ref.startsWith('refs/tags/'))
}

export function absorbOutage(state: RepositoryState, reason: string, now: number): RepositoryState {
  return { ...state, outage: { reason, since: state.outage?.since ?? now } }
}

export function absorbBuild(state: RepositoryState, build: BuildRecord): RepositoryState {
  const builds = [...state.builds.filter((other) => other.revision !== build.revision), build]
  return bounded({ ...state, builds })
}

/** Forgets that a build failed, so that it is tried again. */
export function forgetFailure(state: RepositoryState, revision: Revision): RepositoryState {
  return { ...state, builds: state.builds.filter((build) => build.revision !== revision || build.status !== 'failed') }
}

export function markRef(
  state: RepositoryState,
  ref: string,
  revision: Revision,
  mark: Partial<Pick<TrackedRef, 'named' | 'problem' | 'wanted'>>,
): RepositoryState {
  const refs = state.refs.map((tracked) => (tracked.ref === ref && tracked.revision === revision ? { ...tracked, ...mark } : tracked))
  return { ...state, refs }
}

/** Keeps what refs still point to and what runs, then the newest: a forgotten build is answered by the registry. */
function bounded(state: RepositoryState): RepositoryState {
  const pointedTo = new Set(state.refs.filter((tracked) => tracked.wanted).map((tracked) => tracked.revision))
  const needed = state.builds.filter((build) => pointedTo.has(build.revision) || build.status === 'building')
  const rest = state.builds.filter((build) => !needed.includes(build))
  const builds = [...rest.slice(-Math.max(0, KEPT_BUILDS - needed.length)), ...needed]
  const develop = state.settings === null ? null : branchRef(state.settings.branches.develop)
  const refs = state.refs.toSorted((a, b) => Number(b.ref === develop) - Number(a.ref === develop) || b.since - a.since).slice(0, KEPT_REFS)
  return { ...state, refs, builds: state.builds.length > KEPT_BUILDS ? builds : state.builds }
}
