import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import { refused, type ExitCode } from '../exit.ts'
import { environmentPictures } from '../picture.ts'

/** One environment, or everything that failed. */
export async function retry(context: Context, input: { readonly environment: string | undefined }): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  if (input.environment !== undefined) return tellAnswer(context.io, await slipway.retry(input.environment, by))

  const repository = await slipway.repository()
  const environments = await environmentPictures(slipway, repository)
  const stuck = environments.flatMap(({ settings, view }) => (view === null || view.state.parked === null ? [] : [settings.name]))
  const broken = repository.builds.some((build) => build.status === 'failed')
  if (!broken && stuck.length === 0) throw refused('no build failed, and no environment has a parked deployment', ['slipway status'])

  const answers = await Promise.all([...(broken ? [slipway.retryBuilds(by)] : []), ...stuck.map((name) => slipway.retry(name, by))])
  const codes = answers.map((answer) => tellAnswer(context.io, answer))
  return answers.some((answer) => answer.ok) ? 0 : (codes[0] ?? 0)
}
