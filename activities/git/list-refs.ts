import { transient } from '../failure.ts'
import type { Listing } from './listing.ts'
import type { GitMirror } from './open-mirror.ts'

/** The remote's refs. None at all is an outage: a repository that ships has branches. */
export async function listRemote(mirror: GitMirror, signal: AbortSignal): Promise<Listing> {
  const listing = await mirror.list(signal)
  if (listing.size > 0) return listing
  throw transient(
    'The remote lists no branch and no tag, which is taken for an outage and never for a deletion; it is looked at again. Push a branch if the repository is new.',
  )
}
