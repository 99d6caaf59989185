import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import { chooseRequest, preparedView, type RequestAction } from '../choose-request.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { approvalLines } from '../view/approval.ts'
import { look } from '../view/paint.ts'
import { printed } from '../view/span.ts'

type Input = {
  readonly action: Exclude<RequestAction, 'approve'>
  readonly environment: string
  readonly request: string | undefined
  readonly hash?: string
  readonly reason?: string
}

/** A person's word on one request and its hash, after showing what that is. */
export async function vote(context: Context, input: Input): Promise<ExitCode> {
  const { action, environment } = input
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const view = await preparedView(slipway, environment)
  const { request, hash, chosen } = chooseRequest(view, input)
  if (chosen !== null) {
    const { waiting, preparation } = chosen
    printLines(context.io.out, printed(approvalLines(view.state, waiting, preparation), look(context.io)))
  }
  const word = { request, hash, by, reason: input.reason ?? null }
  switch (action) {
    case 'reject':
      return tellAnswer(context.io, await slipway.reject(environment, word))
    case 'override':
      return tellAnswer(context.io, await slipway.override(environment, word))
    case 'breakGlass':
      return tellAnswer(context.io, await slipway.override(environment, { ...word, freeze: true }))
    case 'withdraw':
      return tellAnswer(context.io, await slipway.withdrawApproval(environment, word))
    default:
      return action satisfies never
  }
}
