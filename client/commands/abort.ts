import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import { onlySprint } from '../choose-sprint.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'

export async function abort(context: Context, input: { readonly version: string | undefined; readonly reason: string }): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const version = input.version ?? onlySprint(slipway.project, (await slipway.repository()).sprints, 'abort VERSION --reason …')
  return tellAnswer(context.io, await slipway.command(version, { kind: 'abort', reason: input.reason }, by))
}
