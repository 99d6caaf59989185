import type { SlipwayFile } from '../../config/slipway-schema.ts'
import type { ServiceImage } from '../../domain/candidate.ts'
import { shortDigest, type Digest } from '../../domain/digest.ts'
import { permanent } from '../failure.ts'
import type { Registry } from '../registry/client.ts'
import { inputsOfFound } from './found-inputs.ts'
import type { SeenImage } from './target.ts'

type Input = {
  readonly services: SlipwayFile['services']
  /** What of them runs. */
  readonly seen: readonly SeenImage[]
  readonly tag: string
  readonly registry: Registry
  readonly signal: AbortSignal
}

type Found = { readonly image: ServiceImage | null; readonly lines: readonly string[] }

/**
 * The images of the services: what runs says the digest; of what does not run, or cannot be asked, the registry does. One
 * that is in neither place is left out, with a line.
 */
export async function findImages(input: Input): Promise<{ readonly images: readonly ServiceImage[]; readonly lines: readonly string[] }> {
  const services = Object.entries(input.services).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const found = await Promise.all(services.map(async ([service, { image }]) => await findImage(input, service, image)))
  return { images: found.flatMap(({ image }) => image ?? []), lines: found.flatMap(({ lines }) => lines) }
}

async function findImage(input: Input, service: string, repository: string): Promise<Found> {
  const { tag, registry, signal } = input
  const seen = input.seen.filter((each) => each.repository === repository)
  const named = await registry.resolve(repository, tag, signal)
  const running = runningDigest(service, seen, named)
  const image = (digest: Digest): ServiceImage => ({ service, repository, digest, inputs: inputsOfFound(digest), reused: true })
  if (running !== null) {
    const there = running === named || (await registry.resolve(repository, running, signal)) !== null
    return { image: image(running), lines: linesOf(service, { seen, running, named, tag, there }) }
  }
  if (named === null) {
    return { image: null, lines: [`${service} is left out: it does not run, and the registry has no ${repository}:${tag}`] }
  }
  return { image: image(named), lines: [`${service} is ${repository}:${tag} ${shortDigest(named)}, as the registry has it now`] }
}

/** Pods of one service may run two images under one tag that was moved; then the one that it names now is what was meant. */
function runningDigest(service: string, seen: readonly SeenImage[], named: Digest | null): Digest | null {
  const digests = [...new Set(seen.flatMap(({ digest }) => digest ?? []))]
  if (digests.length <= 1) return digests[0] ?? null
  if (named !== null && digests.includes(named)) return named
  throw permanent(
    'NotFound',
    `expected one image of ${service} to run, found ${digests.map(shortDigest).join(' and ')} (${seen.map(({ where }) => where).join(', ')}). Let one of them be rolled out, and look again.`,
  )
}

type Facts = {
  readonly seen: readonly SeenImage[]
  readonly running: Digest
  readonly named: Digest | null
  readonly tag: string
  readonly there: boolean
}

function linesOf(service: string, { seen, running, named, tag, there }: Facts): readonly string[] {
  const where = [...new Set(seen.map((each) => `${each.where} runs ${each.repository}${each.tag === null ? '' : `:${each.tag}`}`))]
  const lines = where.map((each) => `${each} ${shortDigest(running)}`)
  if (!there) return [...lines, `${service}: the registry no longer has ${running}; going back works while the target keeps it`]
  if (named === null) return [...lines, `${service}: the registry has no image tag ${tag}; what runs counts`]
  return named === running ? lines : [...lines, `${service}: ${tag} names ${shortDigest(named)} in the registry by now; what runs counts`]
}
