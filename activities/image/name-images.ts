import type { ServiceImage } from '../../domain/candidate.ts'
import { isImageTag } from '../../domain/image-reference.ts'
import { quoted } from '../../domain/parsed.ts'
import type { ImageActivities } from '../contract.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import type { Manifest, Registry } from '../registry/client.ts'
import type { Workshop } from './workshop.ts'

/**
 * Gives a candidate's images a further tag: the manifest that was built is put under it, byte for byte. This is the
 * promotion. All is looked at before anything is written, so that a conflict leaves no half of it.
 */
export function createNameImages(workshop: Pick<Workshop, 'attempt' | 'registry'>): ImageActivities['nameImages'] {
  return async ({ candidate, tag, move }) => {
    const attempt = workshop.attempt()
    const { registry } = workshop
    if (!isImageTag(tag)) throw permanent('InvalidConfiguration', `expected an image tag, found ${quoted(tag)}.`)
    return withHeartbeat(attempt, `naming the images ${tag}`, async () => {
      const looked = await Promise.all(candidate.images.map((image) => look(registry, image, tag, move, attempt.signal)))
      const wanted = looked.filter((each) => each !== null)
      await Promise.all(wanted.map(({ image, manifest }) => registry.writeManifest(image.repository, tag, manifest, attempt.signal)))
      return { named: wanted.length }
    })
  }
}

/** What has to be written; null when the tag names it already. */
async function look(
  registry: Registry,
  image: ServiceImage,
  tag: string,
  move: boolean,
  signal: AbortSignal,
): Promise<{ image: ServiceImage; manifest: Manifest } | null> {
  const { repository, digest } = image
  const [there, manifest] = await Promise.all([
    registry.resolve(repository, tag, signal),
    registry.readManifest(repository, digest, signal),
  ])
  if (there === digest) return null
  const name = `${registry.address}/${repository}:${tag}`
  if (there !== null && !move) {
    throw permanent(
      'Conflict',
      `${name} already names ${there}, and the candidate's image of ${quoted(image.service)} is ${digest}. A tag is not moved: take another, or remove it from the registry.`,
    )
  }
  if (manifest === null) {
    throw permanent(
      'NotFound',
      `the registry has no ${registry.address}/${repository}@${digest} any more, which is to be named ${tag}. Was it cleaned up there? Build the revision again.`,
    )
  }
  return { image, manifest }
}
