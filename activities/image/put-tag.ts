import type { ServiceImage } from '../../domain/candidate.ts'
import type { Digest } from '../../domain/digest.ts'
import { isImageTag } from '../../domain/image-reference.ts'
import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'
import type { Manifest, Registry } from '../registry/client.ts'

/** An image that a tag did not name; `was`: what it named before, null when it was free. */
export type Tagged = { readonly image: ServiceImage; readonly was: Digest | null }

/**
 * Makes a tag name every image, by putting the manifest under it, byte for byte. All is looked at before anything is written,
 * so that a conflict leaves no half of it. @returns what it did not name already
 * @throws permanent `Conflict` for a tag that names something else, unless `move`; `NotFound` for a digest that is gone
 */
export async function putTag(
  registry: Registry,
  { images, tag, move }: { readonly images: readonly ServiceImage[]; readonly tag: string; readonly move: boolean },
  signal: AbortSignal,
): Promise<readonly Tagged[]> {
  if (!isImageTag(tag)) throw permanent('InvalidConfiguration', `expected an image tag, found ${quoted(tag)}.`)
  const looked = await Promise.all(images.map((image) => look(registry, image, tag, move, signal)))
  const wanted = looked.filter((each) => each !== null)
  await Promise.all(wanted.map(({ image, manifest }) => registry.writeManifest(image.repository, tag, manifest, signal)))
  return wanted.map(({ image, was }) => ({ image, was }))
}

/** What has to be written; null when the tag names it already. */
async function look(
  registry: Registry,
  image: ServiceImage,
  tag: string,
  move: boolean,
  signal: AbortSignal,
): Promise<(Tagged & { readonly manifest: Manifest }) | null> {
  const { repository, digest } = image
  const [was, manifest] = await Promise.all([registry.resolve(repository, tag, signal), registry.readManifest(repository, digest, signal)])
  if (was === digest) return null
  const name = `${registry.address}/${repository}:${tag}`
  if (was !== null && !move) {
    throw permanent(
      'Conflict',
      `${name} already names ${was}, and the candidate's image of ${quoted(image.service)} is ${digest}. A tag is not moved: take another, or remove it from the registry.`,
    )
  }
  if (manifest === null) {
    throw permanent(
      'NotFound',
      `the registry has no ${registry.address}/${repository}@${digest} any more, which is to be named ${tag}. Was it cleaned up there? Build the revision again.`,
    )
  }
  return { image, was, manifest }
}
