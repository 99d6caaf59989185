import { parseDigest } from '../../domain/digest.ts'
import { isImageRepository, isImageTag } from '../../domain/image-reference.ts'
import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'

/** What becomes part of a URL is looked at first: the names come from a team's repository. */

export function checkedRepository(repository: string): string {
  if (isImageRepository(repository)) return repository
  throw permanent('InvalidConfiguration', `expected an image repository such as eap/website, found ${quoted(repository)}.`)
}

export function checkedReference(reference: string): string {
  if (isImageTag(reference) || parseDigest(reference).ok) return reference
  throw permanent('InvalidConfiguration', `expected an image tag or digest, found ${quoted(reference)}.`)
}

export function checkedDigest(digest: string): string {
  if (parseDigest(digest).ok) return digest
  throw permanent('InvalidConfiguration', `expected a digest, found ${quoted(digest)}.`)
}
