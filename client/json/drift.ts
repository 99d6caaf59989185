import type { Drift } from '../../domain/environment/drift.ts'
import type { DriftAnswer } from '../../workflows/messages.ts'
import { iso } from '../view/duration.ts'

/** `slipway drift --json`; stable, see docs/json.md. Times are ISO 8601 in UTC. */
export type DriftJson = {
  readonly environment: string
  /** What was verified there last, and is held against what lives there. */
  readonly tag: string
  readonly epoch: number
  readonly at: string
  readonly drifted: boolean
  readonly findings: readonly FindingJson[]
  /** So many more findings are not listed. */
  readonly left: number
  readonly next: readonly string[]
}

export type FindingJson = {
  readonly object: string
  /** Null when the object itself is missing, or there and not wanted. */
  readonly field: string | null
  readonly expected: string
  readonly found: string
  readonly by: string | null
  readonly at: string | null
}

export function composeDrift(environment: string, { tag, epoch, at, findings, left, next }: DriftAnswer): DriftJson {
  return { environment, tag, epoch, at: iso(at), drifted: findings.length > 0, findings: findings.map(findingJson), left, next }
}

export function findingJson({ object, field, expected, found, by, at }: Drift): FindingJson {
  return { object, field, expected, found, by, at: at === null ? null : iso(at) }
}
