import type { Phase } from '../domain/sprint/phase.ts'
import type { SprintCommand } from '../domain/sprint/commands.ts'
import { actorOf } from './actor.ts'
import { tellAnswer } from './answer.ts'
import { chooseSprint } from './choose-sprint.ts'
import type { Context } from './context.ts'
import type { ExitCode } from './exit.ts'

/** Says something to a sprint: to the one that is named, else to the newest in one of the phases. */
export async function tellSprint(
  context: Context,
  input: { readonly version: string | undefined; readonly phases: readonly Phase[]; readonly command: SprintCommand },
): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const version = input.version ?? chooseSprint(slipway.project, (await slipway.repository()).sprints, input.phases)
  return tellAnswer(context.io, await slipway.command(version, input.command, by))
}
