import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'

export async function start(
  context: Context,
  input: { readonly version: string; readonly features: readonly string[] },
): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  return tellAnswer(context.io, await slipway.startSprint({ version: input.version, features: [...new Set(input.features)], by }))
}
