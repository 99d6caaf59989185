import type { HoldKind } from '../../domain/environment/lock.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'

type Input = { readonly kind: HoldKind; readonly environment: string; readonly reason?: string }

/** An environment stays as it is. */
export async function hold(context: Context, { kind, environment, reason = '' }: Input): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  return tellAnswer(context.io, await slipway.hold(environment, kind, { by, reason }))
}

/** And is free again. */
export async function release(context: Context, { kind, environment, reason = '' }: Input): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  return tellAnswer(context.io, await slipway.release(environment, kind, { by, reason }))
}
