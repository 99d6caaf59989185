import type { Actor } from '../actor.ts'
import type { Revision } from '../revision.ts'
import type { Entry } from '../timeline.ts'

/** A branch that gets the release. */
export type MergeTarget = {
  readonly branch: string
  /** True for a younger sprint's release branch: it may go away, then there is nothing to merge into. */
  readonly younger: boolean
  readonly status:
    /** It is its turn, or will be. */
    | { readonly kind: 'open' }
    /** Not possible now, and tried again. */
    | { readonly kind: 'retry'; readonly reason: string; readonly nextTryAt?: number }
    /** Only a person can go on: a conflict, a protected branch, a branch that is not there. */
    | {
        readonly kind: 'person'
        readonly why: 'conflict' | 'protected' | 'absent' | 'failed'
        readonly reason: string
        readonly steps: readonly string[]
        /** The branch that was pushed for it, and the merge request where a forge is configured. */
        readonly branch: string | null
        readonly mergeRequest: { readonly number: number; readonly url: string } | null
      }
    | { readonly kind: 'done'; readonly how: 'merged' | 'merge' | 'squash' | 'person'; readonly tip: Revision }
    /** Not pushed, and will not be: the merge-back was stopped. */
    | { readonly kind: 'stopped' }
  readonly since: number
  /** The commit by which it came there, as a person says. */
  readonly mergedAs: Revision | null
  /** Why the newest word of a person on this branch was not believed. */
  readonly refused?: string
}

/** Everything the merge-back workflow remembers. Plain JSON; bounded. */
export type MergeBackState = {
  readonly project: string
  readonly version: string
  readonly tag: string
  readonly revision: Revision
  readonly by: Actor
  readonly targets: readonly MergeTarget[]
  /** Why it was stopped. */
  readonly stopped: string | null
  readonly entries: readonly Entry[]
}

/** What the merge-back tells its sprint: the whole picture, every time, with a growing sequence (a time in ms). */
export type MergeBackReport = {
  readonly tag: string
  readonly sequence: number
  readonly targets: readonly MergeTarget[]
  readonly stopped: string | null
  /** True when nothing is left to do. */
  readonly ended: boolean
}

export function newMergeBack(input: {
  readonly project: string
  readonly version: string
  readonly tag: string
  readonly revision: Revision
  /** develop and master. */
  readonly branches: readonly string[]
  /** Release branches of younger open sprints. */
  readonly younger: readonly string[]
  readonly by: Actor
  readonly now: number
}): MergeBackState {
  const { project, version, tag, revision, branches, younger, by, now } = input
  const targets = [...branches.map((branch) => newTarget(branch, false, now)), ...younger.map((branch) => newTarget(branch, true, now))]
  return { project, version, tag, revision, by, targets, stopped: null, entries: [] }
}

export function newTarget(branch: string, younger: boolean, now: number): MergeTarget {
  return { branch, younger, status: { kind: 'open' }, since: now, mergedAs: null }
}

export function isEnded(state: Pick<MergeBackState, 'targets'>): boolean {
  return state.targets.every(({ status }) => status.kind === 'done' || status.kind === 'stopped')
}

/** The steps as one line; a comment among them would swallow what comes after it. */
export function stepsInLine(steps: readonly string[]): string {
  return steps.filter((step) => !step.startsWith('#')).join(' && ')
}

/** One target at a time, in order; null when none is open. */
export function nextTarget(state: MergeBackState): MergeTarget | null {
  return state.targets.find(({ status }) => status.kind === 'open' || status.kind === 'retry') ?? null
}
