import { isMap, isPair, isScalar, isSeq, visit, type Scalar } from 'yaml'
import type { ServiceImage } from '../../domain/candidate.ts'
import type { Manifest } from './manifests.ts'

type ImageUse = {
  /** Services of the candidate whose image no object uses. */
  readonly unused: readonly string[]
  /** The other images that the objects use, as written. */
  readonly others: readonly string[]
}

/**
 * Pins every container that uses an image of the candidate to its digest, in place: `eap/website` and
 * `<registry>/eap/website`, with any tag, become `<registry>/eap/website@sha256:…`.
 *
 * Done on the rendered objects rather than by an `images:` entry of a generated overlay: this sees what really goes out,
 * after every rename of the team's own overlays (the article's `kustomize edit set image` leaves one), needs no second
 * tree of files, and, as kustomize does, finds `containers` and `initContainers` in objects of any kind.
 */
export function pinImages(manifests: readonly Manifest[], images: readonly ServiceImage[], registry: string): ImageUse {
  const byName = new Map(
    images.flatMap((image) => [image.repository, `${registry}/${image.repository}`].map((name) => [name, image] as const)),
  )
  const used = new Set<string>()
  const others = new Set<string>()
  for (const scalar of manifests.flatMap(imageScalars)) {
    const image = byName.get(imageName(scalar.value))
    if (image) {
      used.add(image.service)
      scalar.value = `${registry}/${image.repository}@${image.digest}`
    } else others.add(scalar.value)
  }
  return { unused: images.map((image) => image.service).filter((service) => !used.has(service)), others: [...others].toSorted() }
}

/** Every image that a container of the object names. */
export function imagesOf(manifest: Manifest): readonly string[] {
  return imageScalars(manifest).map((scalar) => scalar.value)
}

/** `registry.example:5000/eap/website:v1@sha256:…` → `registry.example:5000/eap/website`. */
export function imageName(image: string): string {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

function imageScalars(manifest: Manifest): Scalar<string>[] {
  const found: Scalar<string>[] = []
  visit(manifest.document, {
    Pair(_, pair) {
      const key = isScalar(pair.key) ? pair.key.value : null
      if ((key !== 'containers' && key !== 'initContainers' && key !== 'ephemeralContainers') || !isSeq(pair.value)) return
      for (const container of pair.value.items) {
        const image = isMap(container)
          ? container.items.find((field) => isPair(field) && isScalar(field.key) && field.key.value === 'image')
          : null
        if (isScalar(image?.value) && typeof image.value.value === 'string') found.push(image.value as Scalar<string>)
      }
    },
  })
  return found
}
