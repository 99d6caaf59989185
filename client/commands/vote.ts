import { setTimeout as sleep } from 'node:timers/promises'
import type { Preparation, WaitingRequest } from '../../domain/environment/state.ts'
import type { EnvironmentView } from '../../workflows/messages.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import { refused, usage, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { environmentOf } from '../known-environment.ts'
import type { Slipway } from '../typed/slipway.ts'
import { approvalLines } from '../view/approval.ts'
import { look } from '../view/paint.ts'
import { printed } from '../view/span.ts'

type Input = {
  readonly action: 'approve' | 'reject'
  readonly environment: string
  readonly request: string | undefined
  readonly hash?: string
  readonly reason?: string
}

/** An approver's word on one request and its hash, after showing what that is. */
export async function vote(context: Context, input: Input): Promise<ExitCode> {
  const { action, environment } = input
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const view = await preparedView(slipway, environment)
  const target = chooseRequest(view, input)
  if (target.waiting !== null) {
    printLines(context.io.out, printed(approvalLines(view.state, target.waiting.request, target.waiting.preparation), look(context.io)))
  }
  const word = { request: target.request, hash: target.hash, by, reason: input.reason ?? null }
  return tellAnswer(context.io, await (action === 'approve' ? slipway.approve(environment, word) : slipway.reject(environment, word)))
}

/** What was asked for a moment ago is still being rendered: a person need not type the command twice. */
async function preparedView(slipway: Slipway, environment: string): Promise<EnvironmentView> {
  for (let left = PREPARING_MS; ; left -= ASK_EVERY_MS) {
    const view = await environmentOf(slipway, environment)
    const [first] = view.state.waiting
    const prepares =
      view.state.running === null && (first?.stage.kind === 'queued' || (first?.stage.kind === 'preparing' && first.stage.problem === null))
    if (!prepares || left <= 0) return view
    await sleep(ASK_EVERY_MS)
  }
}

const PREPARING_MS = 10_000
const ASK_EVERY_MS = 250

type Target = {
  readonly request: string
  readonly hash: string
  readonly waiting: { readonly request: WaitingRequest['request']; readonly preparation: Preparation } | null
}

/**
 * The one request that waits, or the one that is named. A named one that does not wait is asked for all the same: the
 * environment says why not, and records the denial.
 */
export function chooseRequest(view: EnvironmentView, input: Input): Target {
  const { action, environment, request, hash } = input
  const awaiting = view.state.waiting.flatMap((waiting) =>
    waiting.stage.kind === 'awaitingApproval' ? [{ request: waiting.request, preparation: waiting.stage.preparation }] : [],
  )
  if (request === undefined && awaiting.length === 0)
    throw refused(`nothing waits for approval in ${environment}${meanwhile(view)}`, view.next)
  if (request === undefined && awaiting.length > 1) {
    const ids = awaiting.map((waiting) => waiting.request.id)
    throw usage(
      `${ids.length} requests wait for approval in ${environment}; name one`,
      ids.map((id) => `slipway ${action} ${environment} ${id}`),
    )
  }
  const waiting = request === undefined ? awaiting[0] : awaiting.find((other) => other.request.id === request)
  if (waiting === undefined) return { request: request ?? '', hash: hash ?? '', waiting: null }
  const { requestHash } = waiting.preparation
  if (hash !== undefined && !requestHash.startsWith(hash)) {
    throw refused(`${waiting.request.id} has the hash ${requestHash} now, not ${hash}: look again at what would be deployed`, [
      `slipway env ${environment}`,
    ])
  }
  return { request: waiting.request.id, hash: requestHash, waiting }
}

function meanwhile({ state }: EnvironmentView): string {
  const { running } = state
  const preparing = state.waiting[0]
  if (running !== null) return `: ${running.request.tag} is being deployed`
  return preparing === undefined ? '' : `: ${preparing.request.tag} is being prepared`
}
