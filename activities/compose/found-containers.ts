import { z } from 'zod'
import { parseDigest } from '../../domain/digest.ts'
import { parseImageReference } from '../../domain/image-reference.ts'
import type { SeenImage } from '../deploy/target.ts'

export type FoundContainer = {
  readonly project: string
  readonly service: string
  /** The image as the compose file named it. */
  readonly image: string
  readonly status: string
  /** `registry/repository@sha256:…`, every name that the engine knows its image by. */
  readonly digests: readonly string[]
}

const containerSchema = z.tuple([z.record(z.string(), z.string()).nullable(), z.string(), z.string(), z.string()])
const imageSchema = z.tuple([z.string(), z.array(z.string()).nullable()])

/** Reads what LOOK_SCRIPT printed. Containers that `docker-compose run` left are none of a service's. */
export function readFound(stdout: string, call: string): readonly FoundContainer[] {
  const images = new Map(printed(stdout, `${call} image `).map((each) => imageSchema.parse(each)))
  return printed(stdout, `${call} container `).flatMap((each) => {
    const [labels, image, imageId, status] = containerSchema.parse(each)
    const { [PROJECT]: project, [SERVICE]: service, [ONEOFF]: oneoff } = labels ?? {}
    if (project === undefined || service === undefined || oneoff?.toLowerCase() === 'true') return []
    return [{ project, service, image, status, digests: images.get(imageId) ?? [] }]
  })
}

/** The images of this registry that run, one for each service and digest; all else in words. */
export function seenImages(
  found: readonly FoundContainer[],
  registry: string,
): { readonly images: readonly SeenImage[]; readonly others: readonly string[] } {
  const images = new Map<string, SeenImage>()
  const others = new Set<string>()
  for (const { service, image, status, digests } of found.toSorted((a, b) => (a.service < b.service ? -1 : 1))) {
    const reference = parseImageReference(image)
    if (!UP.has(status)) others.add(`${service} (${image}) is ${status}`)
    else if (!reference.ok || reference.value.registry !== registry) others.add(`${service} runs ${image}, which is not of ${registry}`)
    else {
      const { repository, tag, digest: asked } = reference.value
      const own = digests.find((each) => each.startsWith(`${registry}/${repository}@`))?.split('@')[1] ?? null
      const digest = asked ?? (own !== null && parseDigest(own).ok ? own : null)
      images.set(`${service} ${image} ${digest}`, { where: service, repository, tag: tag ?? (asked === null ? 'latest' : null), digest })
    }
  }
  return { images: [...images.values()], others: [...others] }
}

const PROJECT = 'com.docker.compose.project'
const SERVICE = 'com.docker.compose.service'
const ONEOFF = 'com.docker.compose.oneoff'
const UP = new Set(['running', 'restarting', 'paused'])

function printed(stdout: string, start: string): readonly unknown[] {
  return stdout.split('\n').flatMap((line) => (line.startsWith(start) ? [JSON.parse(line.slice(start.length)) as unknown] : []))
}
