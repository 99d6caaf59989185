import type { MergeRequestRef, MergeRequestState } from '../contract.ts'

export type NewMergeRequest = {
  readonly source: string
  readonly target: string
  readonly title: string
  readonly body: string
}

/** A release of a tag that is there; `body` is Markdown. */
export type NewRelease = { readonly tag: string; readonly body: string }

/** What is shown beside a commit. */
export type CommitStatus = {
  readonly revision: string
  /** What it is the status of: `slipway/build`, or `slipway/` and an environment. */
  readonly context: string
  readonly state: 'pending' | 'running' | 'success' | 'failed' | 'dropped'
  readonly description: string
  /** Null for a build. */
  readonly deployment: { readonly environment: string; readonly tag: string; readonly at: number } | null
}

/** Where a team reviews and merges, reduced to what Slipway needs of it. Failures as those of any activity. */
export type Forge = {
  /** What it is and where, for messages. */
  readonly name: string
  /** The open one with the same source and target, or a new one. */
  readonly openMergeRequest: (wanted: NewMergeRequest, signal: AbortSignal) => Promise<MergeRequestRef>
  readonly readMergeRequest: (number: number, signal: AbortSignal) => Promise<MergeRequestState>
  /** The release page of this tag: the one that is there, whoever made it, or a new one. Its address, and whether it is new. */
  readonly publishRelease: (wanted: NewRelease, signal: AbortSignal) => Promise<{ readonly url: string; readonly created: boolean }>
  /** The page of a merge request, for a link. */
  readonly requestUrl: (number: number) => string
  /** Shows it, and where the forge knows deployments records it; shown already, nothing happens. */
  readonly showStatus: (status: CommitStatus, signal: AbortSignal) => Promise<void>
  /** What is known of the token's rights, in a sentence; `branch` is one that the repository has. */
  readonly check: (branch: string, signal: AbortSignal) => Promise<string>
}
