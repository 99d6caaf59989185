import type Docker from 'dockerode'
import { isImageRepository, isImageTag } from '../../domain/image-reference.ts'
import { parseDigest, type Digest } from '../../domain/digest.ts'
import { transient } from '../failure.ts'
import type { Login } from '../registry/docker-config.ts'
import type { Registry } from '../registry/client.ts'
import type { BaseImage } from './dockerfile.ts'
import { isAway } from './engine-failure.ts'
import { engineLogin } from './engine-login.ts'

/** A FROM line's image, taken apart as docker does. */
export type BaseName = { readonly registry: string; readonly repository: string; readonly tag: string; readonly digest: Digest | null }

export type BaseResolver = (name: BaseImage, signal: AbortSignal) => Promise<Digest | null>

const ASK_DEADLINE_MS = 8_000
/** One push asks for the same public base several times; its registry may be slow, and counts. */
const REMEMBERED_MS = 60_000

/**
 * Finds the digest that a base image's name stands for now: our registry is asked directly, others through the engine,
 * which falls back on what it has. Null when nobody knows.
 */
export function createBaseResolver(deps: { engine: Docker; engineName: string; registry: Registry; now?: () => number }): BaseResolver {
  const now = deps.now ?? Date.now
  const remembered = new Map<BaseImage, { digest: Digest; until: number }>()
  return async (name, signal) => {
    const base = parseBaseName(name)
    if (!base || base.digest !== null) return base?.digest ?? null
    if (base.registry === deps.registry.address) {
      const digest = await deps.registry.resolve(base.repository, base.tag, signal)
      return digest ?? (await localDigest(deps.engine, name, base))
    }
    const known = remembered.get(name)
    if (known && known.until > now()) return known.digest
    const login = await deps.registry.login(base.registry, signal)
    const digest = (await distributionDigest(deps, name, base, login, signal)) ?? (await localDigest(deps.engine, name, base))
    if (digest !== null) remembered.set(name, { digest, until: now() + REMEMBERED_MS })
    return digest
  }
}

/** Null for what is no image name: it may hold anything that a branch brings. */
export function parseBaseName(name: BaseImage): BaseName | null {
  const at = name.indexOf('@')
  const digest = at < 0 ? null : name.slice(at + 1)
  const whole = at < 0 ? name : name.slice(0, at)
  const [first = '', ...rest] = whole.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const registry = hasRegistry ? first : 'docker.io'
  const path = hasRegistry ? rest.join('/') : whole
  const colon = path.lastIndexOf(':')
  const short = colon < 0 ? path : path.slice(0, colon)
  const tag = colon < 0 ? 'latest' : path.slice(colon + 1)
  const repository = hasRegistry || short.includes('/') ? short : `library/${short}`
  const valid =
    /^[A-Za-z0-9.:[\]-]+$/.test(registry) && isImageRepository(repository) && isImageTag(tag) && (digest === null || parseDigest(digest).ok)
  return valid ? { registry, repository, tag, digest } : null
}

async function distributionDigest(
  deps: { engine: Docker; engineName: string },
  name: string,
  base: BaseName,
  login: Login | null,
  signal: AbortSignal,
): Promise<Digest | null> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ASK_DEADLINE_MS)])
  const options = { authconfig: engineLogin(login, base.registry), abortSignal: deadline }
  try {
    const answer = (await abortable(deps.engine.getImage(name).distribution(options), deadline)) as { Descriptor?: { digest?: unknown } }
    const digest = answer.Descriptor?.digest
    return typeof digest === 'string' && parseDigest(digest).ok ? digest : null
  } catch (error) {
    if (signal.aborted) throw signal.reason
    // No engine is a reason to wait; a base that cannot be asked for is not.
    if (isAway(error)) throw transient(`the Docker engine at ${deps.engineName} is not reachable: ${(error as Error).message}`)
    return null
  }
}

/** The library does not hand its signal on here. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

async function localDigest(engine: Docker, name: string, base: BaseName): Promise<Digest | null> {
  const digests = await localDigests(engine, name)
  return digests.find((each) => each.repository === `${base.registry}/${base.repository}`)?.digest ?? null
}

/** The digests under which the engine knows the image that this name stands for. */
export async function localDigests(engine: Docker, name: string): Promise<readonly { repository: string; digest: Digest }[]> {
  try {
    const { RepoDigests: digests } = await engine.getImage(name).inspect()
    return (digests ?? []).flatMap((each) => {
      const parsed = parseBaseName(each)
      return parsed?.digest ? [{ repository: `${parsed.registry}/${parsed.repository}`, digest: parsed.digest }] : []
    })
  } catch {
    return []
  }
}
