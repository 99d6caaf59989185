import { liveNonces } from '../nonces.ts'
import { imageTagOf } from '../image-tag.ts'
import { isFollowed } from './followed.ts'
import type { OpenSprint, RepositoryState } from './state.ts'

/** Enters an open sprint, or what it says of itself now. */
export function knowSprint(state: RepositoryState, sprint: OpenSprint): RepositoryState {
  return { ...state, sprints: [...state.sprints.filter((open) => open.version !== sprint.version), sprint] }
}

/** @param nonces what signed words have used up there: who says one again says it to the sprint that is opened anew */
export function closeSprint(state: RepositoryState, version: string, nonces: readonly string[] = [], now = 0): RepositoryState {
  const closed = { ...state, sprints: state.sprints.filter((open) => open.version !== version) }
  return nonces.length === 0 ? closed : { ...closed, endedNonces: { ...noncesOfEnded(state, now), [version]: nonces } }
}

/** What still counts of them. */
function noncesOfEnded({ endedNonces = {} }: RepositoryState, now: number): Readonly<Record<string, readonly string[]>> {
  const live = Object.entries(endedNonces).map(([version, nonces]) => [version, liveNonces(nonces, now)] as const)
  return Object.fromEntries(live.filter(([, nonces]) => nonces.length > 0))
}

/** Refs of this version that were there before its sprint began are wanted from now on. */
export function wantVersion(
  state: RepositoryState,
  read: readonly { readonly ref: string; readonly revision: string | null }[],
  now: number,
): RepositoryState {
  const branches = state.settings?.branches
  if (branches === undefined) return state
  const unknown = read.flatMap(({ ref, revision }) =>
    revision === null || state.refs.some((tracked) => tracked.ref === ref) ? [] : [{ ref, revision }],
  )
  const refs = state.refs.map((tracked) => (isFollowed(state, branches, tracked.ref) ? { ...tracked, wanted: true } : tracked))
  const added = unknown.map(({ ref, revision }) => {
    const tag = imageTagOf(ref, revision)
    return { ref, revision, since: now, wanted: true, named: false, problem: tag.ok ? null : tag.problem }
  })
  return { ...state, refs: [...refs, ...added] }
}
