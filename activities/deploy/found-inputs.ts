import { hashOf } from '../../config/hash.ts'
import type { Candidate } from '../../domain/candidate.ts'
import type { Digest } from '../../domain/digest.ts'

/**
 * Stands for the inputs of an image that was found on a target: nobody counted what it was made of. It follows from the
 * digest, so that such a candidate is known by itself, and no image is ever taken for one made of these inputs.
 */
export function inputsOfFound(digest: Digest): string {
  return hashOf({ found: digest })
}

/** True for a candidate that a survey made of what ran before Slipway. */
export function isFound({ images }: Candidate): boolean {
  return images.length > 0 && images.every(({ digest, inputs }) => inputs === inputsOfFound(digest))
}
