import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'

/** A second person's word on what began in a freeze. */
export async function confirm(
  context: Context,
  { environment, epoch, reason }: { readonly environment: string; readonly epoch: number; readonly reason?: string },
): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  return tellAnswer(context.io, await slipway.confirm(environment, { epoch, by, reason: reason ?? null }))
}
