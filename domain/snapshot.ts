import type { Candidate } from './candidate.ts'
import { shortDigest } from './digest.ts'

export type TargetKind = 'compose' | 'kustomize' | 'script'

/**
 * Everything a deployment is made of, so that it can be put there again later without a build and without rendering:
 * digests, the rendered manifests or compose configuration, and the hashes of both configuration files.
 */
export type Snapshot = {
  /** sha256 over all the fields below, 64 hexadecimal digits. An approval speaks of it. */
  readonly hash: string
  readonly candidate: Candidate
  /** The image tag under which it was asked for, such as `develop.1a2b3c4d` or `v1.0.0`. */
  readonly tag: string
  readonly target: TargetKind
  /** Where the rendered content lies in the store: its sha256 digest. */
  readonly content: string
  /** sha256 of the slipway.yaml at the revision and of the estate.yaml that it was rendered with. */
  readonly configHash: string
  readonly estateHash: string
  /** What is run before and after it, in this order; without hooks it is left out. */
  readonly hooks?: readonly SnapshotHook[]
  /** What cannot be taken back by putting an earlier snapshot there, such as a migration that drops a column. */
  readonly irreversible?: Irreversible
}

export type SnapshotHook = {
  /** Unique among the hooks of an environment. */
  readonly name: string
  readonly when: 'before' | 'after'
  readonly kind: 'job' | 'compose' | 'command'
  /** Where its rendered form lies in the store: its sha256 digest. */
  readonly content: string
  readonly timeoutSeconds: number
}

/** Two snapshots that name the same one lie on the same side of it. */
export type Irreversible = { readonly name: string; readonly reason: string }

/** Tells deployments apart that were given the same epoch: twelve hexadecimal digits. */
export function identityOf({ hash }: Pick<Snapshot, 'hash'>): string {
  return hash.slice(0, 12)
}

/** What a deployment of it is made of, under whatever tag: the revision, its images, and the operator's configuration. */
export function madeOf({ candidate, estateHash }: Snapshot): string {
  const digests = candidate.images.map(({ digest }) => shortDigest(digest))
  return [candidate.revision, ...digests, estateHash.slice(0, 12)].join(' ')
}
