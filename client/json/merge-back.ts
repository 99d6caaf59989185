import type { MergeTarget } from '../../domain/merge-back/state.ts'
import type { MergeBackPicture } from '../../domain/sprint/state.ts'
import { iso } from '../view/duration.ts'

/** The merge-back in `slipway status --json`; stable, see docs/json.md. */
export type MergeBackStatus = {
  readonly tag: string
  readonly revision: string
  /** Why it was stopped before it was done. */
  readonly stopped: string | null
  readonly ended: boolean
  readonly targets: readonly MergeTargetStatus[]
}

export type MergeTargetStatus = {
  readonly branch: string
  readonly status: MergeTarget['status']['kind']
  readonly since: string
  /** How the branch came to have it, and its commit then. */
  readonly how: 'merged' | 'merge' | 'squash' | 'person' | null
  readonly revision: string | null
  /** Why it waits, is tried again, or needs a person. */
  readonly why: 'conflict' | 'protected' | 'absent' | 'failed' | null
  readonly reason: string | null
  /** Commands for the person who merges it. */
  readonly steps: readonly string[]
  /** The branch that was pushed for that. */
  readonly pushed: string | null
  readonly mergeRequest: { readonly number: number; readonly url: string } | null
}

export function mergeBackStatus(mergeBack: MergeBackPicture | null): MergeBackStatus | null {
  if (mergeBack === null) return null
  const { tag, revision, stopped, ended, targets } = mergeBack
  return { tag, revision, stopped, ended, targets: targets.map(targetStatus) }
}

function targetStatus({ branch, status, since }: MergeTarget): MergeTargetStatus {
  const person = status.kind === 'person' ? status : null
  const done = status.kind === 'done' ? status : null
  return {
    branch,
    status: status.kind,
    since: iso(since),
    how: done?.how ?? null,
    revision: done?.tip ?? null,
    why: person?.why ?? null,
    reason: person?.reason ?? (status.kind === 'retry' ? status.reason : null),
    steps: person?.steps ?? [],
    pushed: person?.branch ?? null,
    mergeRequest: person?.mergeRequest ?? null,
  }
}
