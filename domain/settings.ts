import type { BranchNames } from './ref-rules.ts'
import type { TargetKind } from './snapshot.ts'

/** What the workflows know of an environment's configuration: decisions need it, secrets are not in it. */
export type EnvironmentSettings = {
  readonly name: string
  readonly from: 'develop' | 'release' | 'tag'
  /** A guarded environment deploys only what was approved. */
  readonly guarded: boolean
  /** Who may approve and reject; empty: everybody, recorded as unverified. */
  readonly approvers: readonly string[]
  readonly target: TargetKind
}

/** What the workflows know of a project's configuration in estate.yaml. */
export type ProjectSettings = {
  readonly project: string
  readonly branches: BranchNames
  readonly environments: readonly EnvironmentSettings[]
  readonly sweepSeconds: number
  /** sha256 of the project's part of the estate. */
  readonly hash: string
}
