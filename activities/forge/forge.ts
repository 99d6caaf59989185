import type { MergeRequestRef, MergeRequestState } from '../contract.ts'

export type NewMergeRequest = {
  readonly source: string
  readonly target: string
  readonly title: string
  readonly body: string
}

/** Where a team reviews and merges, reduced to what a merge-back needs of it. Failures as those of any activity. */
export type Forge = {
  /** What it is and where, for messages. */
  readonly name: string
  /** The open one with the same source and target, or a new one. */
  readonly openMergeRequest: (wanted: NewMergeRequest, signal: AbortSignal) => Promise<MergeRequestRef>
  readonly readMergeRequest: (number: number, signal: AbortSignal) => Promise<MergeRequestState>
  /** What is known of the token's rights, in a sentence; `branch` is one that the repository has. */
  readonly check: (branch: string, signal: AbortSignal) => Promise<string>
}
