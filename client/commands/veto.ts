import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import { environmentOf } from '../known-environment.ts'
import { notFound, type ExitCode } from '../exit.ts'
import { verifiedHere, type EnvironmentState } from '../../domain/environment/state.ts'
import { nearest } from '../../config/mistakes/nearest.ts'

type Input = { readonly environment: string; readonly what: number | string; readonly reason: string }

/** What was verified is not brought back by automation. */
export async function veto(context: Context, { environment, what, reason }: Input): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const epoch = typeof what === 'number' ? what : newestOf((await environmentOf(slipway, environment)).state, what)
  return tellAnswer(context.io, await slipway.veto(environment, { epoch, by, reason }))
}

/** The newest epoch that was verified with this tag, also where that is what runs. */
function newestOf(state: EnvironmentState, tag: string): number {
  const verified = verifiedHere(state)
  const epochs = verified.filter((deployed) => deployed.tag === tag).map(({ epoch }) => epoch)
  if (epochs.length > 0) return Math.max(...epochs)
  const meant = nearest(tag, [...new Set(verified.map((deployed) => deployed.tag))])
  const known = verified.length === 0 ? 'nothing' : verified.map((deployed) => `${deployed.tag} (epoch ${deployed.epoch})`).join(', ')
  throw notFound(
    `${tag} was never verified in ${state.name}${meant === null ? '' : `; did you mean ${meant}?`}; verified there: ${known}`,
    [`slipway env ${state.name}`],
  )
}
