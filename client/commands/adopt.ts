import type { Actor } from '../../domain/actor.ts'
import type { ProjectSettings } from '../../domain/settings.ts'
import { adoptEnvironments } from '../adopt/environments.ts'
import { adoptSprints } from '../adopt/sprints.ts'
import type { Outcome } from '../adopt/outcome.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import { EXIT, failed, usage, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import type { Slipway } from '../typed/slipway.ts'
import { outcomeLines } from '../view/adopt.ts'
import { look } from '../view/paint.ts'
import { printed, type Line } from '../view/span.ts'
import { section } from '../view/status.ts'
import { unfollowedLines } from '../view/unfollowed.ts'

type Input = { readonly version: string | undefined; readonly running: Readonly<Record<string, string>> }

/** Takes over what runs and what is under way: one version's sprint, or everything. */
export async function adopt(context: Context, { version, running }: Input): Promise<ExitCode> {
  if (version !== undefined && Object.keys(running).length > 0) {
    throw usage('--running says what the environments run; they are taken over without a VERSION', [
      `slipway adopt ${Object.entries(running)
        .map(([name, tag]) => `--running ${name}=${tag}`)
        .join(' ')}`,
    ])
  }
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  if (version === undefined) return await adoptAll(context, slipway, running, by)
  return tellAnswer(context.io, await slipway.openSprint({ version, as: 'adopt', by }))
}

async function adoptAll({ io }: Context, slipway: Slipway, running: Readonly<Record<string, string>>, by: Actor): Promise<ExitCode> {
  const repository = await slipway.repository()
  if (repository.settings === null) {
    throw failed(`nothing is known of ${slipway.project} yet: its remote has not been read`, ['slipway doctor'])
  }
  const print = (lines: readonly Line[]) => printLines(io.out, printed(lines, look(io)))
  const environments = await adoptEnvironments(slipway, repository.settings, running, by)
  print([...outcomeLines('environments', environments)])
  const { outcomes, left } = await adoptSprints(slipway, repository, inDoubt(environments, repository.settings), by)
  print([...outcomeLines('sprints', outcomes), ...section('left as they are', unfollowedLines(left))])
  const code = exitOf([...environments, ...outcomes])
  if (code === EXIT.refused) printLines(io.err, ['refused: there is nothing to take over', '  next: slipway env', '  next: slipway status'])
  return code
}

/** What develop feeds is not for sprints. */
function inDoubt(outcomes: readonly Outcome[], { environments }: ProjectSettings): string[] {
  const failedNames = new Set(outcomes.flatMap(({ name, kind }) => (kind === 'failed' ? [name] : [])))
  return environments.filter(({ name, from }) => from !== 'develop' && failedNames.has(name)).map(({ name }) => name)
}

function exitOf(outcomes: readonly Outcome[]): ExitCode {
  if (outcomes.some(({ kind }) => kind === 'failed')) return EXIT.failed
  return outcomes.some(({ kind }) => kind === 'taken') ? EXIT.done : EXIT.refused
}
