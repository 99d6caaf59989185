import { actorName } from '../actor.ts'
import { cut } from '../cut.ts'
import { canTell, type EnvironmentSettings } from '../settings.ts'
import { recorded } from '../timeline.ts'
import { changeReady, setStage } from './requests.ts'
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
  /** `permanent`: asking again will not mend it. */
  | { readonly ok: false; readonly reason: string; readonly permanent?: true }

const LONGEST_REASON = 500

/** What is remembered of a plan. `before`: the one that it takes the place of. */
export function planSeen(answer: PlanAnswer, before: PlanSeen | undefined, now: number): PlanSeen {
  if (!answer.ok) return { ok: false, at: now, reason: cut(answer.reason, LONGEST_REASON) }
  const { basis, whole, counts, removals, otherwise } = answer
  const isOther = before?.ok === true && before.basis !== basis
  // Asked once more and as it was: what moved last still is what moved last.
  const moved = isOther ? otherwise && { since: before.basis, ...otherwise } : (before?.ok === true && before.moved) || null
  return { ok: true, at: now, basis, whole: whole.digest, counts, removals, ...(moved === null ? {} : { moved }) }
}

/** The digest of the plan that is held against the next one. */
export function wholeOf(plan: PlanSeen | undefined): string | null {
  return plan?.ok === true ? plan.whole : null
}

/** What is to be planned beforehand: what people decide about, on a target that can tell. */
export function isPlanned(settings: Pick<EnvironmentSettings, 'guarded' | 'target' | 'answers'>): boolean {
  return settings.guarded && canTell(settings, 'plan')
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
  return lapsed(state, request, planned(preparation, answer, now), `it would ${what}, ${why}`, now)
}

/**
 * What was approved cannot be planned once more, and asking again will not mend that. Who was shown a plan did not approve
 * it without one; who approved it knowing that there is none did: then it starts, null.
 */
export function absorbUnplannable(
  state: EnvironmentState,
  request: DeployRequest,
  preparation: Preparation,
  answer: PlanAnswer,
  now: number,
): EnvironmentState | null {
  if (answer.ok || preparation.plan?.ok !== true) return null
  const why = `it was shown with a plan and cannot be planned any more: ${answer.reason}`
  return lapsed(state, request, planned(preparation, answer, now), why, now)
}

function planned(preparation: Preparation, answer: PlanAnswer, now: number): Preparation {
  return { ...preparation, plan: planSeen(answer, preparation.plan, now) }
}

/** It waits for an approval again, of what is known now. */
function lapsed(state: EnvironmentState, request: DeployRequest, preparation: Preparation, why: string, now: number): EnvironmentState {
  const entries = recorded(state.entries, now, 'lapsed', `${request.tag}: its approval lapsed, ${why}`)
  return setStage({ ...state, entries }, request.id, { kind: 'awaitingApproval', preparation }, now)
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
  const next = changeReady(state, request.id, (stage) => ({ ...stage, preparation: { ...stage.preparation, plan } }))
  const entries = words === null ? state.entries : recorded(state.entries, now, 'planned', `${request.tag}: ${words}`)
  return { ...next, entries }
}

/**
 * Somebody looks before they decide, and it is planned anew: that is what was shown from now on. Who approved before and did
 * not see what it takes away by now did not approve that.
 */
export function absorbPlan(
  state: EnvironmentState,
  request: DeployRequest,
  { requestHash }: Preparation,
  answer: PlanAnswer,
  now: number,
): EnvironmentState {
  const stage = state.waiting.find((other) => other.request.id === request.id)?.stage
  if ((stage?.kind !== 'awaitingApproval' && stage?.kind !== 'held') || stage.preparation.requestHash !== requestHash) return state
  const before = stage.preparation.plan
  // What was told once is better than nothing.
  if (!answer.ok && before?.ok === true) return state
  const preparation = { ...stage.preparation, plan: planSeen(answer, before, now) }
  if (stage.kind === 'held') return setStage(state, request.id, { ...stage, preparation }, now)
  const votes = stage.votes ?? []
  if (!answer.ok || answer.unseen.names.length === 0 || votes.length === 0)
    return setStage(state, request.id, { ...stage, preparation }, now)
  const text = `${request.tag}: what ${votes.map(({ by }) => actorName(by)).join(', ')} approved lapsed, it would ${spokenNames(answer.unseen)}, which they were not shown`
  const told = { ...state, entries: recorded(state.entries, now, 'lapsed', text) }
  return setStage(told, request.id, { kind: 'awaitingApproval', preparation }, now)
}

/** Why the plan of a way back that somebody was shown is not what will be done; null where the target is as it was then. */
export function planMoved(named: string, answer: PlanAnswer): string | null {
  const short = named.slice(0, 12)
  if (!answer.ok) return `whether the target has moved since the plan ${short}… cannot be told: ${cut(answer.reason, LONGEST_REASON)}`
  return isBasis(answer.basis, named) ? null : `the target has moved since the plan ${short}… (${answer.basis.slice(0, 12)}… now)`
}

/** A basis may be named by the beginning of it. */
function isBasis(basis: string, named: string): boolean {
  return named.length >= SHORTEST_BASIS && basis.startsWith(named)
}

/** A vote may name the plan that was looked at, by the beginning of its basis. @returns why it is not that any more */
export function stalePlan(request: DeployRequest, { plan }: Preparation, named: string | null | undefined): string | null {
  if (named === null || named === undefined) return null
  const { id } = request
  if (plan?.ok !== true)
    return `${id} has no plan ${named.slice(0, 12)}…${plan === undefined ? '' : `: it could not be planned, ${plan.reason}`}`
  if (isBasis(plan.basis, named)) return null
  const since = plan.moved !== undefined && isBasis(plan.moved.since, named) ? plan.moved : null
  const moved = since === null ? '' : since.names.length === 0 ? ', though it would change the same' : `: ${spokenNames(since)}`
  return `the plan ${named.slice(0, 12)}… of ${id} is stale, the target has moved since (${plan.basis.slice(0, 12)}… now)${moved}`
}

const SHORTEST_BASIS = 8

/** What the plan at the start says otherwise than the one that was shown, for the record; null where there is nothing to say. */
function startWords(before: PlanSeen | undefined, answer: PlanAnswer): string | null {
  if (!answer.ok) return `it could not be planned ${before?.ok === true ? 'once more' : 'now either'}: ${answer.reason}`
  const { otherwise } = answer
  if (otherwise === null || otherwise.names.length === 0) return null
  return `it changes something else than was shown, and nothing more is taken away: ${spokenNames(otherwise)}`
}

/** `delete configmap/a, replace job/b and 3 more`. */
export function spokenNames({ names, left }: Names): string {
  return `${names.join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}
