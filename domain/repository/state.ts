import type { Candidate } from '../candidate.ts'
import type { Revision } from '../revision.ts'
import type { ProjectSettings } from '../settings.ts'
import type { Phase } from '../sprint/phase.ts'
import type { Entry } from '../timeline.ts'

/** What is known of one revision's build. */
export type BuildRecord =
  | { readonly status: 'building'; readonly revision: Revision; readonly since: number; readonly ref: string }
  | { readonly status: 'built'; readonly revision: Revision; readonly since: number; readonly candidate: Candidate }
  | { readonly status: 'failed'; readonly revision: Revision; readonly since: number; readonly reason: string; readonly log: string | null }

/** A ref that the image rule names, as last seen on the remote. */
export type TrackedRef = {
  /** Full name, `refs/heads/…` or `refs/tags/…`. */
  readonly ref: string
  readonly revision: Revision
  readonly since: number
  /** False for what was there before Slipway first looked and that nobody has asked for. */
  readonly wanted: boolean
  /** True once every image of its candidate has this ref's image tag. */
  readonly named: boolean
  /** Why it cannot be served, in a sentence. */
  readonly problem: string | null
  /** Why its images are not named yet, while that is tried again. */
  readonly retry?: string
  /** And when it is tried next. */
  readonly retryAt?: number
  /** When it was last rewritten instead of moved on; equal to `since` when that brought it to its revision. */
  readonly rewrittenAt?: number
}

export type FeatureSeen = { readonly branch: string; readonly revision: Revision | null; readonly merged: 'merge' | 'squash' | null }

export type OpenSprint = { readonly version: string; readonly phase: Phase; readonly features: readonly string[] }

/** Everything the repository workflow remembers. Plain JSON; bounded. */
export type RepositoryState = {
  readonly project: string
  readonly settings: ProjectSettings | null
  readonly cursor: string | null
  /** True while the pages of a first look are read: what they show was there before. */
  readonly baseline: boolean
  /** When the remote was last read, and why it could not be if the newest try failed. */
  readonly lookedAt: number | null
  readonly outage: { readonly reason: string; readonly since: number; readonly nextTryAt?: number } | null
  readonly develop: Revision | null
  readonly refs: readonly TrackedRef[]
  readonly builds: readonly BuildRecord[]
  readonly sprints: readonly OpenSprint[]
  readonly features: readonly FeatureSeen[]
  /** Per environment that develop feeds, the revision that was last handed to it. */
  readonly handedOver: Readonly<Record<string, Revision>>
  readonly unserved: readonly string[]
  readonly entries: readonly Entry[]
  /** As in EnvironmentState. */
  readonly nonces?: readonly string[]
  /** Those of sprints that are over, by version, until they expire: one that is opened anew remembers them. */
  readonly endedNonces?: Readonly<Record<string, readonly string[]>>
}

export function newRepository(project: string): RepositoryState {
  return {
    project,
    settings: null,
    cursor: null,
    baseline: true,
    lookedAt: null,
    outage: null,
    develop: null,
    refs: [],
    builds: [],
    sprints: [],
    features: [],
    handedOver: {},
    unserved: [],
    entries: [],
  }
}

export function buildOf(state: RepositoryState, revision: Revision): BuildRecord | undefined {
  return state.builds.find((build) => build.revision === revision)
}
