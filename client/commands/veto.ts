import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'
import { environmentOf } from '../known-environment.ts'
import { wayBack } from '../way-back.ts'

type Input = { readonly environment: string; readonly what: number | string; readonly reason: string }

/** What was verified is not brought back by automation. */
export async function veto(context: Context, { environment, what, reason }: Input): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const epoch = typeof what === 'number' ? what : wayBack((await environmentOf(slipway, environment)).state, what).epoch
  return tellAnswer(context.io, await slipway.veto(environment, { epoch, by, reason }))
}
