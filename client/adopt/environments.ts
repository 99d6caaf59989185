import type { Actor } from '../../domain/actor.ts'
import type { ProjectSettings } from '../../domain/settings.ts'
import type { Slipway } from '../typed/slipway.ts'
import { unknownEnvironment } from '../unknown-environment.ts'
import { outcomeOf, type Outcome } from './outcome.ts'

/** What runs becomes the state of every environment that knows nothing yet; all at once, for hosts take their time. */
export async function adoptEnvironments(
  slipway: Slipway,
  { environments }: ProjectSettings,
  running: Readonly<Record<string, string>>,
  by: Actor,
): Promise<Outcome[]> {
  const names = environments.map(({ name }) => name)
  const unknown = Object.keys(running).find((name) => !names.includes(name))
  if (unknown !== undefined) throw await unknownEnvironment(slipway.project, unknown, names)
  return await Promise.all(names.map((name) => adoptOne(slipway, name, running[name] ?? null, by)))
}

async function adoptOne(slipway: Slipway, name: string, tag: string | null, by: Actor): Promise<Outcome> {
  const current = (await slipway.environment(name))?.state.current ?? null
  if (current !== null) {
    return { name, kind: 'known', text: `known already: ${current.tag} runs there as epoch ${current.epoch}`, next: [] }
  }
  return await outcomeOf(name, () => slipway.adopt(name, { tag, by }))
}
