import type { Revision } from '../../domain/revision.ts'

/**
 * A bare mirror of one project's repository in the worker's folder. All reading of a team's files goes through it.
 * Safe to use from several activities at once.
 */
export type Mirror = {
  /** Makes sure that the commit is here, fetching at most once. Not on the remote: permanent `NotFound`. */
  readonly ensure: (revision: Revision, signal: AbortSignal) => Promise<void>
  /** A file's bytes at the revision; null when it is not there. Larger than `limitBytes`: permanent `InvalidConfiguration`. */
  readonly readFile: (revision: Revision, path: string, signal: AbortSignal, limitBytes?: number) => Promise<Buffer | null>
  /** git's id of the tree or blob at that path; null when it is not there. `.` is the root tree. */
  readonly objectId: (revision: Revision, path: string, signal: AbortSignal) => Promise<string | null>
  /** A clean checkout of the revision in a folder of its own. Call `release` when done; never throws there. */
  readonly checkout: (revision: Revision, signal: AbortSignal) => Promise<{ folder: string; release: () => Promise<void> }>
}
