import type { Actor } from '../actor.ts'
import { authorise } from './authorise.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { stalePlan } from './plan-seen.ts'
import { lackOf } from './judge-override.ts'
import { denied, type Judged } from './judged.ts'
import { withRejected } from './rejected.ts'
import { closeRequest, setStage } from './requests.ts'
import type { Approval, EnvironmentState, Preparation, WaitingRequest } from './state.ts'

/** An approver's word: it names one request and its hash. */
export type Vote = {
  readonly request: string
  readonly hash: string
  readonly by: Actor
  readonly reason: string | null
  /** The plan that was looked at, by its basis or the first digits of it; left out, whichever is known. */
  readonly plan?: string | null
}

export function judgeApprove(state: EnvironmentState, vote: Vote, now: number): Judged {
  const found = findVotable(state, 'approve', vote)
  if (found.refusal !== null) return denied(state, `approval of ${named(vote)}`, vote.by, found.refusal, now)
  const { preparation } = found
  const approval: Approval = { request: vote.request, hash: vote.hash, by: vote.by, at: now, reason: vote.reason, ...shown(preparation) }
  const approved = setStage(state, vote.request, { kind: 'ready', preparation, approval, problem: null }, now)
  const text = `${found.waiting.request.tag} is approved for ${state.name}`
  return {
    state: { ...approved, entries: recorded(approved.entries, now, 'approved', withReason(text, vote.reason), vote.by) },
    answer: { ok: true, text },
  }
}

export function judgeReject(state: EnvironmentState, vote: Vote, now: number): Judged {
  const found = findVotable(state, 'reject', vote)
  if (found.refusal !== null) return denied(state, `rejection of ${named(vote)}`, vote.by, found.refusal, now)
  const text = withReason(`rejected by ${vote.by.name}`, vote.reason)
  return {
    state: {
      ...closeRequest(state, found.waiting.request, 'rejected', text, vote.by, now),
      rejected: withRejected(state.rejected, found.waiting.request),
    },
    answer: {
      ok: true,
      text: `${found.waiting.request.tag} is rejected for ${state.name}; it can be asked for again with slipway retry ${state.name}`,
    },
  }
}

type Votable =
  | { readonly refusal: Refusal }
  | { readonly refusal: null; readonly waiting: WaitingRequest; readonly preparation: Preparation }

function findVotable(state: EnvironmentState, action: 'approve' | 'reject', vote: Vote): Votable {
  const right = authorise(action, vote.by, state.settings)
  if (right !== null) return { refusal: right }
  const waiting = state.waiting.find((other) => other.request.id === vote.request)
  if (waiting === undefined) return { refusal: unknownRequest(state, vote.request) }
  const { stage } = waiting
  if (stage.kind === 'held' && action === 'approve') {
    return {
      refusal: refuse(`${vote.request} is held in ${state.name}: it lacks ${lackOf(stage.lacks)}`, [
        `slipway override ${state.name} ${vote.request} --reason …`,
      ]),
    }
  }
  if (stage.kind === 'ready' && stage.approval !== null && action === 'approve') {
    return { refusal: refuse(`${vote.request} is approved already, by ${stage.approval.by.name}`, [`slipway env ${state.name}`]) }
  }
  // What is approved and has not begun yet can still be rejected.
  if (stage.kind !== 'awaitingApproval' && stage.kind !== 'held' && !(stage.kind === 'ready' && stage.approval !== null)) {
    return { refusal: refuse(`${vote.request} does not wait for approval now (${stage.kind})`, [`slipway env ${state.name}`]) }
  }
  if (stage.preparation.requestHash !== vote.hash) {
    return {
      refusal: refuse(
        `${vote.request} has another hash (${stage.preparation.requestHash.slice(0, 12)}…) than the one that was named (${vote.hash.slice(0, 12)}…): look again at what would be deployed`,
        [`slipway env ${state.name}`],
      ),
    }
  }
  const stale = action === 'approve' ? stalePlan(waiting.request, stage.preparation, vote.plan) : null
  if (stale !== null)
    return { refusal: refuse(`${stale}; look again at what would change`, [`slipway approve ${state.name} ${vote.request} --dry-run`]) }
  return { refusal: null, waiting, preparation: stage.preparation }
}

function unknownRequest(state: EnvironmentState, id: string): Refusal {
  const closed = state.closed.find((other) => other.id === id)
  if (closed) return refuse(`${id} is closed (${closed.outcome}): ${closed.reason}`, [`slipway retry ${state.name}`])
  if (state.running?.request.id === id)
    return refuse(`${id} is being deployed as epoch ${state.running.epoch}`, [`slipway env ${state.name}`])
  if (state.current?.request === id) return refuse(`${id} is deployed already as epoch ${state.current.epoch}`)
  const waiting = state.waiting.map((other) => other.request.id)
  return refuse(
    `no request ${id} waits in ${state.name}${waiting.length > 0 ? `; waiting: ${waiting.join(', ')}` : '; none waits'}`,
    [`slipway env ${state.name}`],
    'notFound',
  )
}

/** The plan that stood beside what was approved. */
function shown({ plan }: Preparation): Pick<Approval, 'plan'> {
  return plan?.ok === true ? { plan: plan.whole } : {}
}

/** Whatever was sent, no longer than a record may be. */
function named({ request }: Vote): string {
  return request.slice(0, 100)
}

function withReason(text: string, reason: string | null): string {
  return reason === null || reason === '' ? text : `${text}: ${reason}`
}
