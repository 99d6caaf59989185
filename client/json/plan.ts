import type { PlannedChange, Relation } from '../../activities/contract.ts'
import type { EnvironmentState } from '../../domain/environment/state.ts'
import type { PlanResult } from '../../workflows/messages.ts'
import type { Planning } from '../plan/choose.ts'

/** `slipway plan --json`; stable, see docs/json.md. */
export type Plan = {
  readonly project: string
  readonly environment: string
  readonly tag: string
  readonly revision: string
  /** The request that it belongs to; null for what nobody has asked for. */
  readonly request: string | null
  /** The hash of the snapshot that was planned. */
  readonly snapshot: string
  /** What runs there now; null where nothing does. */
  readonly replaces: { readonly epoch: number; readonly tag: string; readonly revision: string } | null
  /** How its revision stands to what it replaces, where that was asked. */
  readonly relation: Relation | null
  /** So many commits of what it replaces are not in it. */
  readonly lacks: number
  /** What is run before and after it, in this order. */
  readonly hooks: PlanResult['hooks']
  /** What another deployment does not take back; null where there is no such thing. */
  readonly irreversible: PlanResult['irreversible']
  /** Stands for the state of the target that was planned against. */
  readonly basis: string
  readonly counts: Readonly<Record<PlannedChange['change'], number>>
  /** What takes something away first, what stays last. */
  readonly changes: readonly PlannedChange[]
}

export function composePlan(
  project: string,
  { name, current }: EnvironmentState,
  planning: Planning,
  { snapshotHash, relation, lacks, hooks, irreversible, planned, changes }: PlanResult & { readonly changes: readonly PlannedChange[] },
): Plan {
  const { tag, candidate } = planning.kind === 'snapshot' ? planning.snapshot : planning
  return {
    project,
    environment: name,
    tag,
    revision: candidate.revision,
    request: planning.request,
    snapshot: snapshotHash,
    replaces: current && { epoch: current.epoch, tag: current.tag, revision: current.snapshot.candidate.revision },
    relation,
    lacks,
    hooks,
    irreversible,
    basis: planned.basis,
    counts: planned.counts,
    changes: changes.map(({ object, change, diff, note }) => ({ object, change, diff, note })),
  }
}
