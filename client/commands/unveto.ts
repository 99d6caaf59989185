import type { EnvironmentState } from '../../domain/environment/state.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import { notFound, type ExitCode } from '../exit.ts'
import { environmentOf } from '../known-environment.ts'

type Input = { readonly environment: string; readonly what: number | string; readonly reason: string }

/** What is vetoed may come back. */
export async function unveto(context: Context, { environment, what, reason }: Input): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const epoch = typeof what === 'number' ? what : await vetoedEpoch((await environmentOf(slipway, environment)).state, what)
  return tellAnswer(context.io, await slipway.unveto(environment, { epoch, by, reason }))
}

async function vetoedEpoch({ name, vetoes }: EnvironmentState, tag: string): Promise<number> {
  const found = vetoes.findLast((veto) => veto.tag === tag)
  if (found !== undefined) return found.epoch
  const { nearest } = await import('../../config/mistakes/nearest.ts')
  const meant = nearest(tag, [...new Set(vetoes.map((veto) => veto.tag))])
  const known = vetoes.length === 0 ? 'nothing' : vetoes.map((veto) => `${veto.tag} (epoch ${veto.epoch})`).join(', ')
  const guess = meant === null ? '; vetoed' : `; did you mean ${meant}? Vetoed`
  throw notFound(`${tag} is not vetoed in ${name}${guess}: ${known}`, [`slipway env ${name}`])
}
