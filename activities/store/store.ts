import type { Digest } from '../../domain/digest.ts'
import type { StoredContent } from '../contract.ts'

/** Keeps logs and rendered manifests outside Temporal's history, by content hash. */
export type Store = {
  /** Stores the bytes (look first: what is there already is not sent again). `mediaType` is for people who look. */
  readonly put: (bytes: Buffer, mediaType: string, signal: AbortSignal) => Promise<StoredContent>
  /** The bytes of that digest, checked against it. Not there: permanent `NotFound`. Away: transient. */
  readonly get: (digest: Digest, signal: AbortSignal) => Promise<Buffer>
}
