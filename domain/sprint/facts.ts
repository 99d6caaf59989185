import type { Candidate } from '../candidate.ts'
import type { FeatureSeen } from '../repository/state.ts'
import type { Revision } from '../revision.ts'

/** What is known of a ref's images. `built` means built and named. */
export type BuildFact =
  | { readonly status: 'waiting' | 'building'; readonly retry?: string; readonly nextTryAt?: number }
  | { readonly status: 'built'; readonly candidate: Candidate }
  | { readonly status: 'failed'; readonly reason: string; readonly log: string | null }

export type RefFact = {
  /** Short name: a branch or a tag. */
  readonly name: string
  readonly revision: Revision
  readonly imageTag: string
  readonly since: number
  /** When the branch was last rewritten instead of moved on: what was there then is gone. */
  readonly rewrittenAt?: number
  readonly build: BuildFact
}

/**
 * What the repository tells a sprint: the whole picture, every time. A lost or doubled message does no harm, and one that
 * comes late is told by its sequence.
 */
export type SprintFacts = {
  readonly sequence: number
  readonly develop: RefFact | null
  readonly release: RefFact | null
  /** This version's newest release tags, oldest first in Slipway's order. */
  readonly tags: readonly RefFact[]
  readonly features: readonly FeatureSeen[]
  /** Release branches of younger open sprints that are there: they get the merge-back, too. Absent: none. */
  readonly younger?: readonly string[]
  /** While the sprint merges back: where the branches are that get it, for a person may have merged. */
  readonly tips?: readonly { readonly branch: string; readonly revision: Revision }[]
}

export const NO_FACTS: SprintFacts = { sequence: 0, develop: null, release: null, tags: [], features: [] }
