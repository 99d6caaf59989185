import { resolveSecret } from '../../config/secrets.ts'
import { permanent } from '../failure.ts'
import type { ComposeSetup } from './target.ts'

/** The values of the content's secret variables, as the estate refers to them today. */
export async function resolveSecrets(names: readonly string[], { target, deps }: ComposeSetup): Promise<Readonly<Record<string, string>>> {
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const reference = Object.hasOwn(target.environment, name) ? target.environment[name] : undefined
      if (reference === undefined) {
        throw permanent(
          'InvalidConfiguration',
          `expected the variable ${name} in the estate, below compose.environment, as when this deployment was requested; found none`,
        )
      }
      if (typeof reference === 'string') return [name, reference]
      const value = await resolveSecret(reference, deps)
      if (!value.ok) throw permanent('InvalidConfiguration', `the variable ${name} of the compose file: ${value.problem}`)
      return [name, value.value]
    }),
  )
  return Object.fromEntries(entries)
}
