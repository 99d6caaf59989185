import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { environmentOf } from '../known-environment.ts'
import { look } from '../view/paint.ts'
import { rollbackLines } from '../view/rollback.ts'
import { printed } from '../view/span.ts'
import { wayBack } from '../way-back.ts'

type Input = { readonly environment: string; readonly to?: number | string; readonly force?: true; readonly reason: string }

/** Back to what was verified before, after showing from what to what. */
export async function rollback(context: Context, { environment, to: wanted, force, reason }: Input): Promise<ExitCode> {
  const { io } = context
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const { state } = await environmentOf(slipway, environment)
  const { epoch, to } = wayBack(state, wanted)
  if (to !== null) printLines(io.out, printed(rollbackLines(state, to, io.now()), look(io)))
  return tellAnswer(io, await slipway.rollback(environment, { epoch, by, reason, ...(force === true ? { force } : {}) }))
}
