import type { Candidate } from '../domain/candidate.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { hashOf } from './hash.ts'

/** The hash of a snapshot: whether an image was built for this revision or reused changes nothing about what runs. */
export function snapshotHash({ candidate, ...made }: Omit<Snapshot, 'hash'>): string {
  return hashOf({ ...made, candidate: whatRuns(candidate) })
}

/** What an approval approves: this request, this snapshot, and the epoch it replaces. */
export function requestHash(input: {
  readonly request: string
  readonly snapshotHash: string
  readonly replacesEpoch: number | null
}): string {
  return hashOf({ request: input.request, snapshot: input.snapshotHash, replacesEpoch: input.replacesEpoch })
}

function whatRuns({ revision, images }: Candidate) {
  return { revision, images: images.map(({ service, repository, digest }) => ({ service, repository, digest })) }
}
