import type { Answer } from '../../domain/wait.ts'
import { actorOf } from '../actor.ts'
import { exitOf, tellAnswer } from '../answer.ts'
import { takeDossier, type Dossier } from '../approval/review.ts'
import { chooseRequest, preparedView } from '../choose-request.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { composeApproval } from '../json/approval.ts'
import { dossierLines } from '../view/dossier.ts'
import { look } from '../view/paint.ts'
import { printed } from '../view/span.ts'

type Input = {
  readonly environment: string
  readonly request: string | undefined
  readonly hash?: string
  readonly reason?: string
  /** The basis of a plan that was looked at, or its first digits: refused when the target has moved since. */
  readonly plan?: string
  /** Only shows what would be approved. */
  readonly dryRun?: true
  readonly json?: true
}

/** An approver's word on one request and its hash, after showing what that is, as it is now. */
export async function approve(context: Context, input: Input): Promise<ExitCode> {
  const { io } = context
  const { environment, json, dryRun } = input
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const { request, hash, chosen } = chooseRequest(await preparedView(slipway, environment), { ...input, action: 'approve' })
  const dossier = chosen === null ? null : await takeDossier(slipway, environment, chosen)
  if (dossier !== null && json !== true) printLines(io.out, printed(dossierLines(dossier, io.now()), look(io)))
  if (dossier !== null && dryRun === true) {
    if (json === true) printJson(io.out, composeApproval(dossier, null))
    return EXIT.done
  }
  const plan = input.plan ?? shownPlan(dossier)
  const word = { request, hash, by, reason: input.reason ?? null, ...(plan === null ? {} : { plan }) }
  const answer: Answer<{ text: string }> = await slipway.approve(environment, word)
  if (json !== true || dossier === null) return tellAnswer(io, answer)
  printJson(io.out, composeApproval(dossier, answer))
  return answer.ok ? EXIT.done : exitOf(answer.kind)
}

/** What is approved is what was shown: somebody else's look may have found another plan in between. */
function shownPlan(dossier: Dossier | null): string | null {
  return dossier?.plan?.ok === true ? dossier.plan.basis : null
}
