import type { Candidate, ServiceImage } from '../../domain/candidate.ts'
import { formatImageReference, parseImageReference } from '../../domain/image-reference.ts'
import type { Parsed } from '../../domain/parsed.ts'
import type { ComposeService } from './compose-file.ts'
import { interpolate } from './interpolate.ts'

export type MatchInput = {
  readonly services: readonly ComposeService[]
  readonly candidate: Candidate
  readonly registry: string
  readonly tag: string
  readonly variables: Readonly<Record<string, string>>
  /** The compose file in words. */
  readonly where: string
}

/**
 * Finds the compose services that run the candidate's images and gives each its image by tag and digest, so that no name
 * can move under it. Every image of the candidate has to be used, and every image of our registry has to be one of them
 * or to name its own tag or digest: else something would silently run what nobody proved.
 */
export function matchImages(input: MatchInput): Parsed<Readonly<Record<string, string>>> {
  const { candidate, registry, where } = input
  const overrides: Record<string, string> = {}
  const used = new Set<string>()
  for (const service of input.services) {
    if (service.image === null) continue
    const { text, missing } = interpolate(service.image, input.variables)
    const image = candidate.images.find((each) => repositoryOf(text) === `${registry}/${each.repository}`)
    if (image) {
      overrides[service.name] = pinned(image, input)
      used.add(image.service)
    } else if (missing.length > 0 && usesTag(service.image)) {
      return failure(
        where,
        service.name,
        `${service.image}, in which ${missing.join(', ')} has no value; give it one in the estate, below compose.environment`,
      )
    } else if (text.startsWith(`${registry}/`) && usesTag(service.image)) {
      return failure(
        where,
        service.name,
        `${text}, which is none that this candidate has (${candidate.images.map((each) => each.repository).join(', ')}); name one of them, or give it a tag of its own`,
      )
    }
  }
  const unused = candidate.images.find((each) => !used.has(each.service))
  if (!unused) return { ok: true, value: overrides }
  return {
    ok: false,
    problem:
      `expected in ${where} a service with the image ${registry}/${unused.repository}, which ${unused.service} was built as, ` +
      `found ${
        input.services
          .map((each) => (each.image === null ? null : interpolate(each.image, input.variables).text))
          .filter((each) => each !== null)
          .join(', ') || 'no images'
      }; ` +
      `write it as \${REGISTRY}/${unused.repository}:\${TAG}`,
  }
}

function pinned(image: ServiceImage, { registry, tag }: MatchInput): string {
  return formatImageReference({ registry, repository: image.repository, tag, digest: image.digest })
}

function repositoryOf(text: string): string | null {
  const parsed = parseImageReference(text.includes('@') ? text.slice(0, text.indexOf('@')) : text)
  return parsed.ok ? `${parsed.value.registry}/${parsed.value.repository}` : null
}

/** A side image that the team keeps in the same registry has a tag of its own; one that follows TAG should be ours. */
function usesTag(template: string): boolean {
  return /\$\{?TAG\b/.test(template)
}

function failure(where: string, service: string, found: string): Parsed<never> {
  return { ok: false, problem: `expected in ${where} that ${service} names an image that can be deployed by digest, found ${found}` }
}
