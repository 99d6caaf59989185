import { parseRefName } from '../../domain/ref-name.ts'
import { branchRef, classifyRef, shortRef, type BranchNames } from '../../domain/ref-rules.ts'
import type { Revision } from '../../domain/revision.ts'
import type { FeatureFact, UnlistedMerge } from '../contract.ts'
import { firstParentLine, mergesOnLine } from './commands.ts'
import { heldAt } from './held-refs.ts'
import { listRemote } from './list-refs.ts'
import type { Listing } from './listing.ts'
import type { GitMirror } from './open-mirror.ts'
import { plainWords } from './plain-words.ts'

type Input = { readonly project: string; readonly develop: Revision; readonly features: readonly FeatureFact[] }
type Merge = { readonly revision: Revision; readonly parents: readonly Revision[]; readonly subject: string }

const LIMIT = 20

/**
 * Merges on develop's first-parent line that neither master nor a release branch has, and that no listed feature explains:
 * what would ship without having been named.
 */
export async function listUnlistedMerges(
  input: Input,
  mirror: GitMirror,
  names: BranchNames,
  signal: AbortSignal,
): Promise<{ merges: readonly UnlistedMerge[] }> {
  const { develop, features } = input
  await mirror.ensure(develop, signal)
  const shipped = await shippedTips(await listRemote(mirror, signal), mirror, names, signal)
  const log = await mirror.git(mergesOnLine(mirror.paths.mirror, develop, shipped), 'read the merges of develop', signal)
  const merges = parseMerges(log.stdout.toString('utf8'))
  if (merges.length === 0) return { merges: [] }

  const own = await ownCommits(develop, features, mirror, signal)
  const unlisted = merges.filter((merge) => !merge.parents.slice(1).every((parent) => own.has(parent)) && !namesDeleted(merge, features))
  return { merges: unlisted.slice(0, LIMIT).map(({ revision, subject }) => ({ revision, subject: plainWords(subject) })) }
}

async function shippedTips(listing: Listing, mirror: GitMirror, names: BranchNames, signal: AbortSignal): Promise<readonly Revision[]> {
  const kinds = ['master', 'release', 'releaseLike']
  const refs = [...listing].filter(([ref]) => kinds.includes(classifyRef(ref, names)?.kind ?? '') && parseRefName(shortRef(ref)).ok)
  await mirror.fetch(
    refs.map(([ref, { object }]) => ({ object, ref: heldAt(ref) })),
    signal,
  )
  const tips = [...new Set(refs.map(([, { commit }]) => commit))]
  const known = await Promise.all(tips.map((tip) => mirror.objects.info(tip, signal)))
  return tips.filter((_, index) => known[index]?.type === 'commit')
}

/**
 * The commits on the features' own lines: from a tip back along the first parents to where it left develop. A merge whose
 * other parent is one of them brought that feature, or a part of it.
 */
async function ownCommits(
  develop: Revision,
  features: readonly FeatureFact[],
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<Set<Revision>> {
  const line = new Set(await lineOf(develop, mirror, signal))
  const own = new Set<Revision>()
  for (const { revision } of features) {
    if (revision === null || (await mirror.objects.info(revision, signal))?.type !== 'commit') continue
    for (const commit of await lineOf(revision, mirror, signal)) {
      if (line.has(commit)) break
      own.add(commit)
    }
  }
  return own
}

async function lineOf(tip: Revision, mirror: GitMirror, signal: AbortSignal): Promise<readonly Revision[]> {
  const { stdout } = await mirror.git(firstParentLine(mirror.paths.mirror, tip, []), 'read a branch', signal)
  return stdout
    .toString('latin1')
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => each.split(' ')[0]!)
}

/** A feature whose branch is gone is known by the words that git and the forges give a merge, and by nothing else. */
function namesDeleted({ subject }: Merge, features: readonly FeatureFact[]): boolean {
  const named = /^Merge (?:remote-tracking )?branch '(?:origin\/)?([^']+)'|^Merge pull request #\d+ from [^/\s]+\/(\S+)/.exec(subject)
  const branch = named?.[1] ?? named?.[2]
  return branch !== undefined && features.some((feature) => feature.revision === null && branchRef(feature.branch) === branchRef(branch))
}

export function parseMerges(output: string): readonly Merge[] {
  const fields = output.split('\0')
  const merges: Merge[] = []
  for (let at = 0; at + 2 < fields.length; at += 3) {
    merges.push({ revision: fields[at]!.trim(), parents: fields[at + 1]!.split(' '), subject: fields[at + 2]! })
  }
  return merges
}
