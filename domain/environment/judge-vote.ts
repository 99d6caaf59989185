import { actorName, isSameActor, type Actor } from '../actor.ts'
import { authorise } from './authorise.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { approvalPolicy, conflictOfInterest, missingOf, spokenMissing, stageWith, votesOf } from './approvals.ts'
import { stalePlan } from './plan-seen.ts'
import { lackOf } from './judge-override.ts'
import { denied, type Judged } from './judged.ts'
import { isBlank } from './reason.ts'
import { withRejected } from './rejected.ts'
import { closeRequest, setStage } from './requests.ts'
import type { DeployRequest, EnvironmentState, GivenVote, Preparation, WaitingRequest } from './state.ts'

/** An approver's word: it names one request and its hash. */
export type Vote = {
  readonly request: string
  readonly hash: string
  readonly by: Actor
  readonly reason: string | null
  /** The plan that was looked at, by its basis or the first digits of it; left out, whichever is known. */
  readonly plan?: string | null
}

/** One more approval; the request is ready when all that the policy asks for are there. */
export function judgeApprove(state: EnvironmentState, vote: Vote, now: number): Judged {
  const found = findVotable(state, 'approve', vote)
  if (found.refusal !== null) return denied(state, `approval of ${named(vote)}`, vote.by, found.refusal, now)
  const refusal = notTheirs(state, found, vote)
  if (refusal !== null) return denied(state, `approval of ${named(vote)}`, vote.by, refusal, now)
  const { preparation, waiting } = found
  const votes = [...votesOf(waiting.stage), { by: vote.by, at: now, reason: vote.reason }]
  const next = setStage(state, vote.request, stageWith(preparation, votes, vote.request, state.settings), now)
  const isComplete = missingOf(votes, state.settings).count === 0
  const text = isComplete
    ? `${waiting.request.tag} is approved for ${state.name}`
    : `${waiting.request.tag} is approved for ${state.name} in part: ${spokenMissing(votes, state.settings)}`
  const event = isComplete ? 'approved' : 'approvedInPart'
  return {
    state: { ...next, entries: recorded(next.entries, now, event, withReason(text, vote.reason), vote.by) },
    answer: { ok: true, text },
  }
}

/**
 * Any one who may approve ends it, with the reason; also what was approved already and has not begun. Whoever approved it is
 * told that their word counts no more.
 *
 * @param asksReason false for what an earlier version took without one
 */
export function judgeReject(state: EnvironmentState, vote: Vote, now: number, asksReason = true): Judged {
  const found = findVotable(state, 'reject', vote)
  const no = (refusal: Refusal) => denied(state, `rejection of ${named(vote)}`, vote.by, refusal, now)
  if (found.refusal !== null) return no(found.refusal)
  if (asksReason && isBlank(vote.reason)) return no(rejectionNeedsReason(state, vote))
  const { request, stage } = found.waiting
  const overturned = votesOf(stage).map(({ by }) => actorName(by))
  const text = withReason(`rejected by ${actorName(vote.by)}`, vote.reason)
  const closed = closeRequest(state, request, 'rejected', text, vote.by, now)
  const next = overturned.length === 0 ? closed : withOverturned(closed, request, overturned, vote, now)
  const lost = overturned.length === 0 ? '' : `; the approval by ${overturned.join(' and ')} counts no more`
  return {
    state: { ...next, rejected: withRejected(state.rejected, request) },
    answer: {
      ok: true,
      text: `${request.tag} is rejected for ${state.name}${lost}; it can be asked for again with slipway retry ${state.name}`,
    },
  }
}

function rejectionNeedsReason({ name }: EnvironmentState, vote: Vote): Refusal {
  return refuse(`a rejection needs a reason: it ends ${named(vote)}, and whoever asked for it reads why`, [
    `slipway reject ${name} ${named(vote)} --reason …`,
  ])
}

/** Who was told that it is approved finds in the record, and hears, that it is not any more. */
function withOverturned(
  state: EnvironmentState,
  request: DeployRequest,
  names: readonly string[],
  vote: Vote,
  now: number,
): EnvironmentState {
  const text = `${request.tag}: the approval by ${names.join(' and ')} is overturned, ${withReason(`rejected by ${actorName(vote.by)}`, vote.reason)}`
  const overturned = { names, revision: request.candidate.revision }
  return {
    ...state,
    closed: state.closed.map((each) => (each.id === request.id ? { ...each, overturned } : each)),
    entries: recorded(state.entries, now, 'overturned', text, vote.by),
  }
}

/** Who approved takes that back, for as long as the deployment has not begun. */
export function judgeWithdrawApproval(state: EnvironmentState, vote: Vote, now: number): Judged {
  const found = findVotable(state, 'withdrawApproval', vote)
  const given = found.refusal === null ? votesOf(found.waiting.stage) : []
  const own = ownVote(given, vote.by)
  if (found.refusal !== null || own === undefined) {
    const look = [`slipway env ${state.name}`]
    const refusal = found.refusal ?? refuse(`${vote.by.name} has not approved ${vote.request}: there is nothing to take back`, look)
    return denied(state, `taking back the approval of ${named(vote)}`, vote.by, refusal, now)
  }
  if (own.by.kind === 'person' && own.by.verified && !(vote.by.kind === 'person' && vote.by.verified)) {
    const refusal = refuse(`${own.by.name} signed the approval of ${vote.request}; taking it back has to be signed, too`, [], 'rights')
    return denied(state, `taking back the approval of ${named(vote)}`, vote.by, refusal, now)
  }
  const { preparation, waiting } = found
  const votes = given.filter((each) => each !== own)
  const next = setStage(state, vote.request, stageWith(preparation, votes, vote.request, state.settings), now)
  const text = `${actorName(vote.by)} took the approval of ${waiting.request.tag} for ${state.name} back`
  return {
    state: { ...next, entries: recorded(next.entries, now, 'approvalWithdrawn', withReason(text, vote.reason), vote.by) },
    answer: { ok: true, text },
  }
}

function ownVote(votes: readonly GivenVote[], by: Actor): GivenVote | undefined {
  return votes.find((vote) => isSameActor(vote.by, by))
}

type Found = { readonly refusal: null; readonly waiting: WaitingRequest; readonly preparation: Preparation }
type Votable = { readonly refusal: Refusal } | Found

/** Why somebody who may approve here may not approve this one. */
function notTheirs(state: EnvironmentState, { waiting, preparation }: Found, vote: Vote): Refusal | null {
  const votes = votesOf(waiting.stage)
  if (ownVote(votes, vote.by) !== undefined)
    return refuse(`${vote.by.name} has approved ${vote.request} already: ${spokenMissing(votes, state.settings)}`, [
      `slipway env ${state.name}`,
    ])
  const conflict = conflictOfInterest(vote.by, preparation, state.settings)
  if (conflict !== null) return refuse(`${vote.request}: ${conflict}`, [`slipway env ${state.name}`], 'rights')
  if (!approvalPolicy(state.settings).reason || !isBlank(vote.reason)) return null
  return refuse(`an approval for ${state.name} needs a reason`, [`slipway approve ${state.name} ${vote.request} --reason …`])
}

function findVotable(state: EnvironmentState, action: 'approve' | 'reject' | 'withdrawApproval', vote: Vote): Votable {
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
    return { refusal: refuse(`${vote.request} is approved already, by ${actorName(stage.approval.by)}`, [`slipway env ${state.name}`]) }
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

/** Whatever was sent, no longer than a record may be. */
function named({ request }: Vote): string {
  return request.slice(0, 100)
}

function withReason(text: string, reason: string | null): string {
  return reason === null || reason === '' ? text : `${text}: ${reason}`
}
