import { compareVersions, parseVersion } from '../version.ts'
import { unwrap } from '../parsed.ts'
import { recorded } from '../timeline.ts'
import type { DeployRequest, EnvironmentState, Follower } from './state.ts'

/** What an open sprint says of itself to an environment: the whole of it, every time. */
export type Following = {
  readonly version: string
  readonly claim: Follower['claim']
  /** False when the sprint is over. */
  readonly open: boolean
  readonly at: number
}

const MOST_FOLLOWERS = 20

export function absorbFollowing(state: EnvironmentState, { version, claim, open, at }: Following, now: number): EnvironmentState {
  if (!parseVersion(version).ok) return state
  const known = state.followers.find((follower) => follower.version === version)
  if (known !== undefined && known.at > at) return state
  const others = state.followers.filter((follower) => follower.version !== version)
  const followers = open ? [...others, { version, claim, at }].slice(-MOST_FOLLOWERS) : others
  const next = { ...state, followers }
  const [before, after] = [holderOf(state), holderOf(next)]
  if (before?.version === after?.version && before?.claim === after?.claim) return next
  const text =
    after === null ? `${before?.version ?? ''} does not need ${state.name} for itself any more` : `${state.name} is ${reservationOf(after)}`
  return { ...next, entries: recorded(state.entries, now, after === null ? 'unreserved' : 'reserved', text) }
}

/** A follower that is gone without a word holds nothing. */
export function dropFollower(state: EnvironmentState, version: string, now: number): EnvironmentState {
  const followers = state.followers.filter((follower) => follower.version !== version)
  const text = `the sprint ${version} does not run any more and holds nothing here`
  return { ...state, followers, entries: recorded(state.entries, now, 'unreserved', text) }
}

/** Who has this environment for itself: a hotfix first, then the older version. */
export function holderOf(state: EnvironmentState): Follower | null {
  const claims = state.followers.filter((follower) => follower.claim !== null)
  const [first] = claims.toSorted((a, b) => rank(a) - rank(b) || compareVersions(version(a), version(b)))
  return first ?? null
}

/** Who this request waits for, if the environment is another sprint's now. A way back waits for nobody. */
export function reservedBy(state: EnvironmentState, request: DeployRequest): Follower | null {
  const holder = holderOf(state)
  return holder === null || request.rollback !== undefined || holder.version === request.version ? null : holder
}

export function reservationOf(holder: Follower): string {
  return `reserved by ${holder.version}${holder.claim === 'hotfix' ? ' (hotfix)' : ''} until it is signed off and tagged`
}

function rank(follower: Follower): number {
  return follower.claim === 'hotfix' ? 0 : 1
}

function version(follower: Follower) {
  return unwrap(parseVersion(follower.version))
}
