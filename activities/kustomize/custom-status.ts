import { conditionStatus, type Condition } from './condition-status.ts'
import type { Live } from './live.ts'
import { phaseStatus } from './phase-status.ts'
import { done, UNSEEN, waiting, type Progress } from './progress.ts'

/** A status that names no generation may be of before the change: it has to stay for a while. */
const UNDATED_MS = 2_000
/** How long a controller has for its first word. */
const SILENCE_MS = 3_000

/**
 * How far an object of a kind that is not Kubernetes' own is, by the conventions that kstatus and Argo CD go by: the
 * generation that was observed, a phase where the kind is known for one, and conditions. One that says nothing of itself is
 * done when it is applied; where its kind has a status, after its controller had a moment to say something.
 *
 * @param hasStatus the kind has a status of its own, so that writing it is no new generation
 */
export function customStatus(apiVersion: string, kind: string, object: Live, { hasStatus }: { readonly hasStatus: boolean }): Progress {
  if (object.metadata.deletionTimestamp) return waiting('it is being deleted')
  const generation = hasStatus ? (object.metadata.generation ?? null) : null
  const status = recordOf('status' in object ? object.status : undefined)
  const observed = generationOf(status['observedGeneration'])
  if (generation !== null && observed !== null && observed < generation) return UNSEEN

  const conditions = listOf(status['conditions']).flatMap(conditionOf)
  // Who has seen the generation as a whole need not date each of its words.
  const progress = phaseStatus(apiVersion, kind, status) ?? conditionStatus(apiVersion, observed === null ? generation : null, conditions)
  if (progress === null) return done('applied; it says nothing of its state', hasStatus && observed === null ? SILENCE_MS : 0)
  const dated = observed !== null || (conditions.length > 0 && conditions.every((each) => each.observed !== null))
  return dated || progress.state !== 'done' ? progress : done(progress.line, UNDATED_MS)
}

/** Argo Rollouts writes the number as text; its first versions wrote a hash, which says nothing. */
function generationOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null
}

/** Anybody's controller writes the status: what is no condition is passed over. */
function conditionOf(value: unknown): readonly Condition[] {
  const { type, status, reason, message, observedGeneration } = recordOf(value)
  if (typeof type !== 'string' || typeof status !== 'string') return []
  return [{ type, status, reason: textOf(reason), message: textOf(message), observed: generationOf(observedGeneration) }]
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}
