import type { Actor } from '../../domain/actor.ts'
import type { Candidate, ServiceImage } from '../../domain/candidate.ts'
import { cut } from '../../domain/cut.ts'
import { parseDigest } from '../../domain/digest.ts'
import { isImageRepository, isImageTag } from '../../domain/image-reference.ts'
import { parseRefName } from '../../domain/ref-name.ts'
import { parseRevision } from '../../domain/revision.ts'
import type { Signed } from '../../domain/signed.ts'
import { parseVersion } from '../../domain/version.ts'
import { flag, list, object, oneOf, optional, tagged, text, textThat, type Reader } from './shape.ts'

/** What several messages have in them. Names go into ids, summaries and search attributes, which Temporal wants short. */

const LONGEST_NAME = 250

export const version = textThat('a version such as 1.0.0', (given) => parseVersion(given).ok)
export const revision = textThat('a full commit SHA', (given) => parseRevision(given).ok)
export const imageTag = textThat('an image tag', isImageTag)
/** A branch that Slipway is willing to serve. */
export const branch = textThat('the name of a branch', (given) => parseRefName(given).ok)
/** Of an environment, a service: what is not told apart further. */
export const name = textThat(`a name of 1 to ${LONGEST_NAME} characters`, (given) => given !== '' && given.length <= LONGEST_NAME)

const serviceImage = object<ServiceImage>({
  service: name,
  repository: textThat('an image repository', isImageRepository),
  digest: textThat('a digest such as sha256:…', (given) => parseDigest(given).ok),
  inputs: name,
  reused: flag,
})

export const candidate: Reader<Candidate> = object<Candidate>({ revision, images: list(serviceImage), configHash: name })

/** Somebody, as another workflow knows them: nothing is decided by it here. */
export const actor: Reader<Actor> = tagged<Actor, 'kind'>('kind', {
  person: object<Extract<Actor, { kind: 'person' }>>({
    kind: oneOf('person'),
    name: shortName,
    verified: flag,
    key: optional(name),
    statement: optional(name),
  }),
  automation: object<Extract<Actor, { kind: 'automation' }>>({ kind: oneOf('automation'), name: shortName }),
})

/** What it is worth is found out where it is heard. */
export const signed: Reader<Signed> = object<Signed>({ statement: text, signature: text })

export function shortName(given: unknown, path: string): string {
  return cut(text(given, path), 100)
}
