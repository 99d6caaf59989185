import type { RegistryEstate, SecretReference } from '../../config/estate-schema.ts'
import { resolveSecret, type SecretSources } from '../../config/secrets.ts'
import { quoted } from '../../domain/parsed.ts'
import { permanent, transient } from '../failure.ts'
import { askCredentialHelper } from './credential-helper.ts'
import { findLogin, type Login } from './docker-config.ts'

/**
 * Looks up how to log in to a registry, anew each time, so that a changed password needs no restart. A named user is the
 * estate's own registry's alone; a Docker config.json may know others too, for base images.
 */
export function createLogins(
  config: RegistryEstate,
  sources: SecretSources,
): (address: string, signal: AbortSignal) => Promise<Login | null> {
  const secret = async (reference: SecretReference) => {
    const found = await resolveSecret(reference, sources)
    if (!found.ok) throw permanent('InvalidConfiguration', `registry.credentials in estate.yaml: ${found.problem}.`)
    return found.value
  }
  return async (address, signal) => {
    const { credentials } = config
    if (!credentials) return null
    if ('dockerConfig' in credentials) return fromDockerConfig(credentials.dockerConfig, address, sources, signal)
    if (address !== config.address) return null
    const [username, password] = await Promise.all([secret(credentials.username), secret(credentials.password)])
    return { kind: 'password', username, password }
  }
}

async function fromDockerConfig(path: string, address: string, sources: SecretSources, signal: AbortSignal): Promise<Login | null> {
  const name = `registry.credentials.dockerConfig in estate.yaml, ${quoted(path)}`
  const text = await sources.readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw permanent('InvalidConfiguration', `${name}: expected a Docker config.json, and it cannot be read (${error.code ?? 'unknown'}).`)
  })
  let place
  try {
    place = findLogin(text, address)
  } catch (error) {
    throw permanent(
      'InvalidConfiguration',
      `${name}: expected a Docker config.json, and ${error instanceof TypeError ? error.message : 'it is none'}.`,
    )
  }
  if (place?.kind !== 'helper') return place?.login ?? null
  try {
    return await askCredentialHelper(place.helper, place.server, sources.env, signal)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw transient(`the login for the registry ${address} could not be looked up: ${error instanceof Error ? error.message : 'unknown'}`)
  }
}
