import type { Digest } from '../../domain/digest.ts'
import type { StoredContent } from '../contract.ts'

/** Keeps logs and rendered manifests outside Temporal's history, by content hash. */
export type Store = {
  /** Stores the bytes (look first: what is there already is not sent again). `mediaType` is for people who look. */
  readonly put: (bytes: Buffer, mediaType: string, signal: AbortSignal) => Promise<StoredContent>
  /** Lets what is stored be found by a name of letters, digits, ".", "_" and "-", in place of what had it before. */
  readonly name: (name: string, digest: Digest, signal: AbortSignal) => Promise<void>
  /** The digest that has this name; null when none has. */
  readonly named: (name: string, signal: AbortSignal) => Promise<Digest | null>
  /** The bytes of that digest, checked against it. Not there: permanent `NotFound`. Away: transient. */
  readonly get: (digest: Digest, signal: AbortSignal) => Promise<Buffer>
}
