import { actorName, type Actor } from '../actor.ts'
import type { EnvironmentReport } from '../environment/report.ts'
import { unwrap } from '../parsed.ts'
import { isBefore, parseReleaseTag } from '../release-tag.ts'
import { releaseBranch } from '../ref-rules.ts'
import type { Revision } from '../revision.ts'
import type { ProjectSettings } from '../settings.ts'
import type { Entry } from '../timeline.ts'
import { parseVersion } from '../version.ts'
import type { MergeTarget } from '../merge-back/state.ts'
import { NO_FACTS, type RefFact, type SprintFacts } from './facts.ts'
import type { Phase } from './phase.ts'

/** A feature that this sprint ships. A feature once seen merged stays merged. */
export type Feature = {
  readonly branch: string
  readonly merged: { readonly how: 'merge' | 'squash' | 'person'; readonly revision: Revision | null; readonly at: number } | null
  readonly since: number
}

/** What this sprint last asked an environment for. */
export type Asked = {
  readonly id: string
  readonly revision: Revision
  readonly tag: string
  readonly at: number
  /** True once it was seen to run there. */
  readonly verified?: true
}

export type Release = { readonly tag: string; readonly revision: Revision }

/** Everything the sprint workflow remembers. Plain JSON; bounded. */
export type SprintState = {
  readonly project: string
  readonly version: string
  readonly settings: ProjectSettings
  readonly phase: Phase
  readonly since: number
  readonly startedBy: Actor
  readonly features: readonly Feature[]
  readonly facts: SprintFacts
  readonly environments: Readonly<Record<string, EnvironmentReport>>
  readonly asked: Readonly<Record<string, Asked>>
  /** Revisions that QA signed off, per environment; newest last, bounded. */
  readonly signedOff: readonly { readonly environment: string; readonly revision: Revision; readonly by: string; readonly at: number }[]
  /** The tag that is being or was released. */
  readonly release: Release | null
  /**
   * The newest tag of this version that ran on every environment that tags feed. `assumed`: the sprint began anew and did
   * not see it run.
   */
  readonly live: (Release & { readonly assumed?: true }) | null
  /** The branch of the hotfix that is under way, where Slipway cut it. */
  readonly hotfix: string | null
  /** Where the release branch was when it was last there. */
  readonly releaseWas: Revision | null
  /** What the merge-back tells of itself; null before the first. */
  readonly mergeBack: MergeBackPicture | null
  readonly entries: readonly Entry[]
  /** As in EnvironmentState. */
  readonly nonces?: readonly string[]
}

export type MergeBackPicture = Release & {
  readonly by: Actor
  /** Milliseconds since 1970 of the newest report, or of the beginning. */
  readonly sequence: number
  readonly targets: readonly MergeTarget[]
  readonly stopped: string | null
  readonly ended: boolean
}

/** How a sprint begins: with its features, on a release that is out already, or with whatever is found. */
export type Beginning =
  | { readonly kind: 'new' }
  | { readonly kind: 'adopt'; readonly release: Release | null }
  | { readonly kind: 'hotfix'; readonly release: Release }

export function newSprint(input: {
  readonly project: string
  readonly version: string
  readonly settings: ProjectSettings
  readonly features: readonly string[]
  readonly by: Actor
  readonly now: number
  readonly beginning?: Beginning
  readonly nonces?: readonly string[]
}): SprintState {
  const beginning = input.beginning ?? { kind: 'new' }
  const release = beginning.kind === 'new' ? null : beginning.release
  return {
    project: input.project,
    version: input.version,
    settings: input.settings,
    phase: release === null ? 'integrating' : 'live',
    since: input.now,
    startedBy: input.by,
    features: input.features.map((branch) => ({ branch, merged: null, since: input.now })),
    facts: NO_FACTS,
    environments: {},
    asked: {},
    signedOff: [],
    release,
    live: release === null ? null : { ...release, assumed: true },
    hotfix: null,
    releaseWas: null,
    mergeBack: null,
    ...(input.nonces === undefined ? {} : { nonces: input.nonces }),
    entries: [{ at: input.now, event: 'started', text: BEGINS[beginning.kind](input.version), by: actorName(input.by) }],
  }
}

const BEGINS: Readonly<Record<Beginning['kind'], (version: string) => string>> = {
  new: (version) => `the sprint ${version} begins`,
  adopt: (version) => `the sprint ${version} is taken over as it is`,
  hotfix: (version) => `the sprint ${version} begins anew, for a hotfix`,
}

/** What an earlier version of Slipway remembered, with what it did not know yet. */
export function reviveSprint(state: SprintState): SprintState {
  const unknown = {
    live: state.phase === 'live' ? state.release : null,
    hotfix: null,
    mergeBack: null,
    releaseWas: state.facts.release?.revision ?? null,
  }
  return { ...unknown, ...state }
}

export function releaseBranchOf(state: SprintState): string {
  return releaseBranch(unwrap(parseVersion(state.version)), state.settings.branches)
}

export function environmentsFrom(state: SprintState, from: 'develop' | 'release' | 'tag'): string[] {
  return state.settings.environments.filter((environment) => environment.from === from).map((environment) => environment.name)
}

/** Where the release still needs QA's word: on it, or on the younger release that took its place there. */
export function unconfirmed(state: SprintState, { tag, revision }: Release): string[] {
  return environmentsFrom(state, 'tag').filter((environment) => {
    const isSigned = state.signedOff.some((signOff) => signOff.environment === environment && signOff.revision === revision)
    const younger = state.live?.assumed === true ? null : replacedBy(state, tag, environment)
    return !isSigned && younger?.signOff?.verdict !== 'pass'
  })
}

/** The release of a younger version that runs there instead. */
export function replacedBy(state: SprintState, tag: string, environment: string): EnvironmentReport['current'] {
  const current = state.environments[environment]?.current ?? null
  return current !== null && current.version !== state.version && isBefore(tag, current.tag) && parseReleaseTag(current.tag).ok
    ? current
    : null
}

/** True when the release branch has moved on from what was released. */
export function hasLaterCommits(state: SprintState): boolean {
  const { release, facts } = state
  return release !== null && facts.release !== null && facts.release.revision !== release.revision
}

/** True when what this sprint asked for ran there, and somebody went back from it. */
export function wasRolledBack(state: SprintState, environment: string): boolean {
  return state.asked[environment]?.verified === true && state.environments[environment]?.current?.rollback !== undefined
}

/** True when this sprint's own deployment runs there: QA's word on another's does not count for it. */
export function isOurs(state: SprintState, environment: string): boolean {
  return state.environments[environment]?.current?.version === state.version
}

/** True when there is something to test and release after what was live: commits, or a tag that somebody pushed. */
export function isHotfixToTest(state: SprintState): boolean {
  return hasLaterCommits(state) || newerTag(state) !== null
}

/** A tag that comes after what was live. */
export function newerTag(state: SprintState): RefFact | null {
  const newest = state.facts.tags.at(-1)
  return newest !== undefined && state.live !== null && isBefore(state.live.tag, newest.name) ? newest : null
}

/** True when QA signed this revision off in every environment that the release branch feeds. */
export function isSignedOff(state: SprintState, revision: Revision): boolean {
  return environmentsFrom(state, 'release').every((environment) =>
    state.signedOff.some((signOff) => signOff.environment === environment && signOff.revision === revision),
  )
}
