import type { EnvironmentView } from '../workflows/messages.ts'
import { notFound } from './exit.ts'
import type { Slipway } from './typed/slipway.ts'

/** The environment's view; of one that is not known, the sentence names those that are. */
export async function environmentOf(slipway: Slipway, name: string): Promise<EnvironmentView> {
  const view = await slipway.environment(name)
  if (view !== null) return view
  const known = (await slipway.repository()).settings?.environments.map((environment) => environment.name) ?? []
  const others = known.length === 0 ? 'none is known yet' : `there are: ${known.join(', ')}`
  throw notFound(`${slipway.project} has no environment ${name}; ${others}`, ['slipway env'])
}
