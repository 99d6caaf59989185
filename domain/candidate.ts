import type { Digest } from './digest.ts'
import type { Revision } from './revision.ts'

/** One service's image of a candidate. */
export type ServiceImage = {
  readonly service: string
  /** The repository below the registry, such as `eap/website`. */
  readonly repository: string
  readonly digest: Digest
  /** What the image is made of; the same inputs are never built twice. 64 hexadecimal digits. */
  readonly inputs: string
  /** True when the image was known before this revision asked for it. */
  readonly reused: boolean
}

/** A revision with the digest of every service's image: what is built once and promoted. Services are sorted by name. */
export type Candidate = {
  readonly revision: Revision
  readonly images: readonly ServiceImage[]
  /** sha256 of the slipway.yaml that was read at the revision. */
  readonly configHash: string
}

/** True when both would run the same images of the same revision. */
export function sameCandidate(a: Candidate, b: Candidate): boolean {
  return (
    a.revision === b.revision &&
    a.images.length === b.images.length &&
    a.images.every((image, index) => {
      const other = b.images[index]
      return other?.service === image.service && other.digest === image.digest
    })
  )
}
