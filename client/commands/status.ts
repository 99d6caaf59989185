import { chooseSprint } from '../choose-sprint.ts'
import type { Context } from '../context.ts'
import { usage, type ExitCode } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { composeStatus } from '../json/status.ts'
import { takePicture } from '../picture.ts'
import type { Slipway } from '../typed/slipway.ts'
import { columnsOf, look } from '../view/paint.ts'
import { printed } from '../view/span.ts'
import { statusLines } from '../view/status.ts'

type Input = {
  readonly version: string | undefined
  readonly json?: true
  readonly watch?: true
  readonly until?: string
  readonly timeout?: number
}

export async function status(context: Context, input: Input): Promise<ExitCode | void> {
  const follows = input.watch === true || input.until !== undefined
  if (input.json === true && input.watch === true) throw usage('--json prints one moment, --watch follows; use one of them')
  if (input.timeout !== undefined && !follows) throw usage('--timeout belongs to --watch or --until')
  const slipway = await context.open()
  if (follows) return await follow(context, slipway, input)
  await show(context, slipway, input.version, input.json === true)
}

export async function show(context: Context, slipway: Slipway, named: string | undefined, json: boolean): Promise<void> {
  const { io } = context
  const repository = await slipway.repository()
  const version = named ?? chooseSprint(slipway.project, repository.sprints)
  const picture = await takePicture(slipway, { version, repository, live: !json, now: io.now })
  if (json) printJson(io.out, composeStatus(picture))
  else printLines(io.out, printed(statusLines(picture, { spinner: '●', columns: columnsOf(io.out) }), look(io)))
}

async function follow(context: Context, slipway: Slipway, input: Input): Promise<ExitCode> {
  const version = input.version ?? chooseSprint(slipway.project, (await slipway.repository()).sprints)
  const { watch } = await import('../watch/watch.ts')
  const code = await watch(context.io, slipway, {
    version,
    until: input.until ?? null,
    timeoutMs: input.timeout === undefined ? null : input.timeout * 1000,
    quiet: input.json === true,
  })
  if (input.json === true) await show(context, slipway, version, true)
  return code
}
