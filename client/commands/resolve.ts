import type { Choice } from '../../domain/environment/state.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'

type Input = { readonly environment: string; readonly choice: Choice; readonly reason: string }

/** A person's word on what is parked. */
export async function resolve(context: Context, { environment, choice, reason }: Input): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  return tellAnswer(context.io, await slipway.resolve(environment, { choice, by, reason }))
}
