import { quoted } from '../../domain/parsed.ts'
import { parseRefName } from '../../domain/ref-name.ts'
import { classifyRef, isBuilt, shortRef, tagRef, type BranchNames } from '../../domain/ref-rules.ts'
import type { Revision } from '../../domain/revision.ts'
import { permanent, transient } from '../failure.ts'
import { heldAt } from '../git/held-refs.ts'
import type { Listing } from '../git/listing.ts'
import type { GitMirror } from '../git/open-mirror.ts'

type Place = { readonly mirror: GitMirror; readonly listing: Listing; readonly names: BranchNames; readonly signal: AbortSignal }

/**
 * The commit that an image tag names by the article's rule: a git tag, or `<branch>.<eight digits of the commit>`.
 *
 * @throws permanent `NotFound` when it is neither, or the remote has no such commit any more
 */
export async function revisionOfTag(tag: string, place: Place): Promise<Revision> {
  const { listing, mirror, signal } = place
  const tagged = listing.get(tagRef(tag))
  if (tagged) {
    await mirror.ensure(tagged.commit, signal)
    return tagged.commit
  }
  const [, branch, digits] = /^(.+)\.([0-9a-f]{8})$/.exec(tag) ?? []
  if (branch === undefined || digits === undefined) {
    throw permanent(
      'NotFound',
      `expected the image tag ${quoted(tag)} to be a git tag or <branch>.<eight digits of a commit>; the remote has no such git tag. Push the tag to the commit that was built, or pass the image tag of another one.`,
    )
  }
  // The branch first: an old project has many refs, and a released branch may be gone by now.
  for (const refs of [branchesCalled(branch, listing), builtRefs(place)]) {
    const found = await commitIn(refs, digits, place)
    if (found) return found
  }
  throw permanent(
    'NotFound',
    `expected a commit that begins with ${digits} on the remote, as the image tag ${quoted(tag)} says; no branch or tag that images are built from contains exactly one. Push what it was built from, or pass the image tag of another commit.`,
  )
}

/** In an image tag, a `/` of the branch has become `-`. */
function branchesCalled(name: string, listing: Listing): readonly string[] {
  return [...listing.keys()].filter((ref) => ref.startsWith('refs/heads/') && shortRef(ref).replaceAll('/', '-') === name)
}

function builtRefs({ listing, names }: Place): readonly string[] {
  return [...listing.keys()].filter((ref) => isBuilt(classifyRef(ref, names) ?? { kind: 'branch' }))
}

async function commitIn(refs: readonly string[], digits: string, { listing, mirror, signal }: Place): Promise<Revision | null> {
  const wants = refs.flatMap((ref) => {
    const listed = listing.get(ref)
    return listed && parseRefName(shortRef(ref)).ok ? [{ object: listed.object, ref: heldAt(ref) }] : []
  })
  if ((await mirror.fetch(wants, signal)) === 'gone') throw transient('The remote changed while it was looked at; it is looked at again.')
  const [sample] = wants
  if (!sample) return null
  await mirror.prepare(sample.object, signal)
  // Null also when several objects begin so.
  return (await mirror.objects.info(`${digits}^{commit}`, signal))?.id ?? null
}
