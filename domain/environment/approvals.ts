import { actorName, type Actor } from '../actor.ts'
import type { ApprovalPolicy } from '../rights.ts'
import type { EnvironmentSettings } from '../settings.ts'
import { recorded } from '../timeline.ts'
import { authorise } from './authorise.ts'
import { setStage } from './requests.ts'
import type { Approval, EnvironmentState, GivenVote, Preparation, WaitingRequest } from './state.ts'

/** The rules of several approvals for one request: who counts, who is missing, and when one lapses. */

type Stage = WaitingRequest['stage']

/** What is missing for an approval: so many people in all, and among them these. */
export type Missing = { readonly count: number; readonly required: readonly string[] }

/** Settings that an earlier version remembered ask for one approval that does not lapse. */
const ONE_APPROVER: Omit<ApprovalPolicy, 'expiresMs'> & { readonly expiresMs: number | null } = {
  count: 1,
  required: [],
  author: true,
  tagger: true,
  expiresMs: null,
  reason: false,
  verified: false,
  addressed: [],
}

export function approvalPolicy(settings: EnvironmentSettings | null): typeof ONE_APPROVER {
  return settings?.approval ?? ONE_APPROVER
}

/** Everybody who has approved a request and may still withdraw that, the oldest first. */
export function votesOf(stage: Stage): readonly GivenVote[] {
  if (stage.kind === 'awaitingApproval') return stage.votes ?? []
  if (stage.kind !== 'ready' || stage.approval === null) return []
  const { by, at, reason, earlier = [] } = stage.approval
  return [...earlier, { by, at, reason }]
}

export function missingOf(votes: readonly GivenVote[], settings: EnvironmentSettings | null): Missing {
  const { count, required } = approvalPolicy(settings)
  const names = votes.map(({ by }) => by.name)
  const without = required.filter((name) => !names.includes(name))
  return { count: Math.max(count - votes.length, without.length, 0), required: without }
}

/** What so many approvals make of a request: it is ready, or it waits for more. */
export function stageWith(
  preparation: Preparation,
  votes: readonly GivenVote[],
  request: string,
  settings: EnvironmentSettings | null,
): Stage {
  const last = votes.at(-1)
  if (last === undefined) return { kind: 'awaitingApproval', preparation }
  if (missingOf(votes, settings).count > 0) return { kind: 'awaitingApproval', preparation, votes }
  const earlier = votes.slice(0, -1)
  const approval: Approval = {
    request,
    hash: preparation.requestHash,
    ...last,
    ...shown(preparation),
    ...asked(settings),
    ...(earlier.length === 0 ? {} : { earlier }),
  }
  return { kind: 'ready', preparation, approval, problem: null }
}

/** The plan that stood beside what was approved. */
function shown({ plan }: Preparation): Pick<Approval, 'plan'> {
  return plan?.ok === true ? { plan: plan.whole } : {}
}

function asked(settings: EnvironmentSettings | null): Pick<Approval, 'policy'> {
  if (settings?.approval === undefined) return {}
  const { count, required, verified } = settings.approval
  return { policy: { count, required, verified } }
}

/** Why somebody who may approve here may not approve this; null when nothing of it is theirs. */
export function conflictOfInterest(
  by: Actor,
  { authors = [], tagger = null }: Preparation,
  settings: EnvironmentSettings | null,
): string | null {
  const { author, tagger: mayTag, verified, addressed } = approvalPolicy(settings)
  const names = [by.name, by.name.toLowerCase()]
  if (!author && authors.some((each) => names.includes(each))) return `${by.name} wrote some of it, and who wrote it may not approve it`
  if (!mayTag && tagger !== null && names.includes(tagger)) return `${by.name} made its tag, and who made it may not approve it`
  // A name alone proves nothing where nobody signs; where people do, not knowing is not enough.
  const isKnown = addressed.includes(by.name) || by.name.includes('@')
  if (!verified || isKnown || (author && mayTag)) return null
  return `it cannot be told whether ${by.name} wrote some of it: the estate gives no address of theirs (people.${by.name}.emails)`
}

/** When the next approval lapses; null when none does. */
export function nextLapse(state: EnvironmentState): number | null {
  const { expiresMs } = approvalPolicy(state.settings)
  if (expiresMs === null) return null
  const times = state.waiting.flatMap(({ stage }) => votesOf(stage)).map(({ at }) => at + expiresMs)
  return times.length === 0 ? null : Math.min(...times)
}

/** Approvals that are too old, or whose givers may not approve any more, lapse; the request stays. */
export function withoutLapsed(state: EnvironmentState, now: number): EnvironmentState {
  return state.waiting.reduce((rest, waiting) => lapsedIn(rest, waiting, now), state)
}

function lapsedIn(state: EnvironmentState, { request, stage }: WaitingRequest, now: number): EnvironmentState {
  const votes = votesOf(stage)
  if (votes.length === 0 || !('preparation' in stage)) return state
  const lapsed = votes.flatMap((vote) => {
    const why = whyLapsed(vote, stage.preparation, state.settings, now)
    return why === null ? [] : [{ vote, why }]
  })
  const kept = votes.filter((vote) => !lapsed.some((each) => each.vote === vote))
  // Nothing lapsed, and what was asked for when it became ready is still all that is asked for.
  if (lapsed.length === 0 && (stage.kind !== 'ready' || missingOf(kept, state.settings).count === 0)) return state
  const entries = lapsed.reduce(
    (told, { vote, why }) => recorded(told, now, 'lapsed', `${request.tag}: the approval by ${actorName(vote.by)} lapsed, ${why}`),
    state.entries,
  )
  return setStage({ ...state, entries }, request.id, stageWith(stage.preparation, kept, request.id, state.settings), now)
}

function whyLapsed({ by, at }: GivenVote, preparation: Preparation, settings: EnvironmentSettings | null, now: number): string | null {
  const { expiresMs } = approvalPolicy(settings)
  if (expiresMs === null) return null
  if (now >= at + expiresMs) return `it is older than ${Math.round(expiresMs / 360_000) / 10} hours`
  const right = authorise('approve', by, settings)
  return right === null ? conflictOfInterest(by, preparation, settings) : right.reason
}

/** `anne approved already; 1 of 2 still missing, among them carol`. */
export function spokenMissing(votes: readonly GivenVote[], settings: EnvironmentSettings | null): string {
  const given = votes.length === 0 ? '' : `${votes.map(({ by }) => actorName(by)).join(' and ')} approved already; `
  return `${given}${spokenNeed(votes, settings)}`
}

/** `1 of 2 still missing, among them carol`. */
export function spokenNeed(votes: readonly GivenVote[], settings: EnvironmentSettings | null): string {
  const { count, required } = missingOf(votes, settings)
  const wanted = approvalPolicy(settings)
  const all = Math.max(wanted.count, wanted.required.length)
  return `${count} of ${all} still missing${required.length === 0 ? '' : `, among them ${required.join(' and ')}`}`
}
