import type { Actor } from '../actor.ts'
import type { EnvironmentReport } from '../environment/report.ts'
import { unwrap } from '../parsed.ts'
import { releaseBranch } from '../ref-rules.ts'
import type { Revision } from '../revision.ts'
import type { ProjectSettings } from '../settings.ts'
import type { Entry } from '../timeline.ts'
import { parseVersion } from '../version.ts'
import { NO_FACTS, type SprintFacts } from './facts.ts'
import type { Phase } from './phase.ts'

/** A feature that this sprint ships. A feature once seen merged stays merged. */
export type Feature = {
  readonly branch: string
  readonly merged: { readonly how: 'merge' | 'squash' | 'person'; readonly revision: Revision | null; readonly at: number } | null
  readonly since: number
}

/** What this sprint last asked an environment for. */
export type Asked = { readonly id: string; readonly revision: Revision; readonly tag: string; readonly at: number }

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
  readonly release: { readonly tag: string; readonly revision: Revision } | null
  readonly entries: readonly Entry[]
}

export function newSprint(input: {
  readonly project: string
  readonly version: string
  readonly settings: ProjectSettings
  readonly features: readonly string[]
  readonly by: Actor
  readonly now: number
}): SprintState {
  return {
    project: input.project,
    version: input.version,
    settings: input.settings,
    phase: 'integrating',
    since: input.now,
    startedBy: input.by,
    features: input.features.map((branch) => ({ branch, merged: null, since: input.now })),
    facts: NO_FACTS,
    environments: {},
    asked: {},
    signedOff: [],
    release: null,
    entries: [{ at: input.now, event: 'started', text: `the sprint ${input.version} begins`, by: input.by.name }],
  }
}

export function releaseBranchOf(state: SprintState): string {
  return releaseBranch(unwrap(parseVersion(state.version)), state.settings.branches)
}

export function environmentsFrom(state: SprintState, from: 'develop' | 'release' | 'tag'): string[] {
  return state.settings.environments.filter((environment) => environment.from === from).map((environment) => environment.name)
}

/** True when QA signed this revision off in every environment that the release branch feeds. */
export function isSignedOff(state: SprintState, revision: Revision): boolean {
  return environmentsFrom(state, 'release').every((environment) =>
    state.signedOff.some((signOff) => signOff.environment === environment && signOff.revision === revision),
  )
}
