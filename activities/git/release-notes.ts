import { readCommit, type RawCommit } from '../../domain/notes/commit.ts'
import { groupNotes, type Notes } from '../../domain/notes/notes.ts'
import { compareReleaseTags, formatReleaseTag, parseReleaseTag, unwrapReleaseTag, type ReleaseTag } from '../../domain/release-tag.ts'
import { tagRef } from '../../domain/ref-rules.ts'
import type { Revision } from '../../domain/revision.ts'
import { permanent } from '../failure.ts'
import { commitsWithBodies } from './commands.ts'
import type { Listing } from './listing.ts'
import type { GitMirror } from './open-mirror.ts'

/** More is no release note any more, and takes git longer than somebody waits. */
const MOST_COMMITS = 500

export type ReadNotes = {
  readonly notes: Notes
  /** The release before in Slipway's order; null: there was none. */
  readonly previous: string | null
  readonly revision: Revision
  /** True when there are more commits than were read. */
  readonly more: boolean
}

/**
 * What came with a release: the commits since the one before it.
 *
 * @param listing the remote's refs now
 * @param wanted the revision, for a tag that is not there yet; null: where the tag is
 * @throws permanent `NotFound` when the tag is not on the remote and no revision is given
 */
export async function readNotes(
  tag: string,
  wanted: Revision | null,
  { listing, mirror, signal }: { readonly listing: Listing; readonly mirror: GitMirror; readonly signal: AbortSignal },
): Promise<ReadNotes> {
  const revision = wanted ?? listing.get(tagRef(tag))?.commit ?? null
  if (revision === null) throw permanent('NotFound', `${tag} is not on the remote: slipway tag makes it, or push it.`)
  const previous = releaseBefore(listing, tag)
  const from = previous === null ? null : (listing.get(tagRef(previous))?.commit ?? null)
  await mirror.ensure(revision, signal)
  if (from !== null) await mirror.ensure(from, signal)
  const read = await mirror.git(commitsWithBodies(mirror.paths.mirror, from, revision, MOST_COMMITS + 1), 'read commits', signal)
  const commits = parseCommits(read.stdout)
  return { notes: groupNotes(commits.slice(0, MOST_COMMITS).map(readCommit)), previous, revision, more: commits.length > MOST_COMMITS }
}

function releaseBefore(listing: Listing, tag: string): string | null {
  const own = unwrapReleaseTag(tag)
  const before = releaseTags(listing).findLast((each) => compareReleaseTags(each, own) < 0)
  return before === undefined ? null : formatReleaseTag(before)
}

/** The release tags of the remote, the first that was released first. */
export function releaseTags(listing: Listing): readonly ReleaseTag[] {
  const tags = [...listing.keys()].flatMap((ref) => {
    const parsed = ref.startsWith('refs/tags/') ? parseReleaseTag(ref.slice('refs/tags/'.length)) : null
    return parsed?.ok === true ? [parsed.value] : []
  })
  return tags.toSorted(compareReleaseTags)
}

/** SHA, parents, subject and body of each, ended by NUL. */
function parseCommits(stdout: Buffer): RawCommit[] {
  const fields = stdout.toString('utf8').split('\0')
  const commits: RawCommit[] = []
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [revision = '', parents = '', subject = '', body = ''] = fields.slice(at, at + 4)
    commits.push({ revision: revision.trim(), parents: parents.split(' ').filter(Boolean).length, subject, body })
  }
  return commits
}
