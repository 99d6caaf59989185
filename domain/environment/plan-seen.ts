import { cut } from '../cut.ts'
import { recorded } from '../timeline.ts'
import { setStage } from './requests.ts'
import type { DeployRequest, EnvironmentState, Names, PlanSeen, Preparation } from './state.ts'

/** What a target answers when it is asked what deploying something would change. */
export type PlanAnswer =
  | {
      readonly ok: true
      readonly basis: string
      readonly whole: { readonly digest: string }
      readonly counts: Readonly<Record<string, number>>
      readonly removals: Names
      /** Deletions and replacements that were not in the plan that was seen before. */
      readonly unseen: Names
      /** All that the plan that was seen before said otherwise; null where there was none. */
      readonly otherwise: Names | null
    }
  | { readonly ok: false; readonly reason: string }

const LONGEST_REASON = 500

/** What is remembered of a plan. `before`: the one that it takes the place of. */
export function planSeen(answer: PlanAnswer, before: PlanSeen | undefined, now: number): PlanSeen {
  if (!answer.ok) return { ok: false, at: now, reason: cut(answer.reason, LONGEST_REASON) }
  const { basis, whole, counts, removals, otherwise } = answer
  const moved = otherwise !== null && before?.ok === true && before.basis !== basis ? { since: before.basis, ...otherwise } : null
  return { ok: true, at: now, basis, whole: whole.digest, counts, removals, ...(moved === null ? {} : { moved }) }
}

/** The digest of the plan that is held against the next one. */
export function wholeOf(plan: PlanSeen | undefined): string | null {
  return plan?.ok === true ? plan.whole : null
}

/** What is to be planned beforehand: what people decide about, on a target that can tell. */
export function isPlanned({ guarded, target }: { readonly guarded: boolean; readonly target: string }): boolean {
  return guarded && target !== 'script'
}

/**
 * What was approved is planned anew before it starts. What would be taken away and was not shown makes the approval lapse;
 * anything else is only recorded. Null: it starts.
 */
export function absorbUnseen(
  state: EnvironmentState,
  request: DeployRequest,
  preparation: Preparation,
  answer: PlanAnswer,
  now: number,
): EnvironmentState | null {
  if (!answer.ok || answer.unseen.names.length === 0) return null
  const what = spokenNames(answer.unseen)
  const why = preparation.plan?.ok === true ? 'which the plan that was shown did not say' : 'and no plan was shown'
  const entries = recorded(state.entries, now, 'lapsed', `${request.tag}: its approval lapsed, it would ${what}, ${why}`)
  const plan = planSeen(answer, preparation.plan, now)
  return setStage({ ...state, entries }, request.id, { kind: 'awaitingApproval', preparation: { ...preparation, plan } }, now)
}

/** It starts: what the newest plan says is kept, and recorded where it is not what was shown. */
export function absorbStartPlan(
  state: EnvironmentState,
  request: DeployRequest,
  { plan: shown }: Preparation,
  answer: PlanAnswer,
  now: number,
): EnvironmentState {
  const words = startWords(shown, answer)
  const plan: PlanSeen | undefined = answer.ok || shown === undefined ? planSeen(answer, shown, now) : shown
  const waiting = state.waiting.map((other) =>
    other.request.id === request.id && other.stage.kind === 'ready'
      ? { ...other, stage: { ...other.stage, preparation: { ...other.stage.preparation, plan } } }
      : other,
  )
  const entries = words === null ? state.entries : recorded(state.entries, now, 'planned', `${request.tag}: ${words}`)
  return { ...state, waiting, entries }
}

/** What the plan at the start says otherwise than the one that was shown, for the record; null where there is nothing to say. */
function startWords(before: PlanSeen | undefined, answer: PlanAnswer): string | null {
  if (!answer.ok) return before?.ok === true ? `it could not be planned once more: ${answer.reason}` : null
  const { otherwise } = answer
  if (otherwise === null || otherwise.names.length === 0) return null
  return `it changes something else than was shown, and nothing more is taken away: ${spokenNames(otherwise)}`
}

/** `delete configmap/a, replace job/b and 3 more`. */
export function spokenNames({ names, left }: Names): string {
  return `${names.join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}
