import type { EnvironmentView } from '../workflows/messages.ts'
import type { Slipway } from './typed/slipway.ts'
import { unknownEnvironment } from './unknown-environment.ts'

/** The environment's view; of one that is not known, the sentence names those that are. */
export async function environmentOf(slipway: Slipway, name: string): Promise<EnvironmentView> {
  const view = await slipway.environment(name)
  if (view !== null) return view
  const known = (await slipway.repository()).settings?.environments.map((environment) => environment.name) ?? []
  throw await unknownEnvironment(slipway.project, name, known)
}
