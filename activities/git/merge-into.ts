import { quoted } from '../../domain/parsed.ts'
import { parseRefName } from '../../domain/ref-name.ts'
import { branchRef } from '../../domain/ref-rules.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import type { MergeInput, MergeResult } from '../contract.ts'
import { permanent, transient } from '../failure.ts'
import { gitFailure } from './classify.ts'
import { contains } from './contains.ts'
import { heldAt } from './held-refs.ts'
import { listRemote } from './list-refs.ts'
import type { Listing } from './listing.ts'
import { conflictSteps, mergeBackBranch, protectedSteps } from './merge-steps.ts'
import type { GitMirror } from './open-mirror.ts'
import { push } from './push.ts'
import { pushNew } from './push-new.ts'
import { commitOf, tryMerge, type ReleaseMerge } from './release-merge.ts'

const TRIES = 5

/** One try's view of the remote: the target stood at `tip`. */
type View = { readonly input: MergeInput; readonly branch: string; readonly listing: Listing; readonly tip: Revision }

/**
 * Merges the release into the target where it is not there yet. Which it is shows on the remote alone, so that a call that
 * was killed after its push is answered by the next one.
 */
export async function mergeInto(input: MergeInput, mirror: GitMirror, nowMs: number, signal: AbortSignal): Promise<MergeResult> {
  const branch = validBranch(input)
  for (let tries = 0; tries < TRIES; tries++) {
    const listing = await listRemote(mirror, signal)
    const tip = listing.get(branchRef(input.target))?.commit
    if (tip === undefined) return { outcome: 'absent' }
    const result = await mergeOnce({ input, branch, listing, tip }, mirror, nowMs, signal)
    if (result !== 'moved') return result
  }
  throw transient(`${input.target} moved ${TRIES} times while ${input.tag} was merged into it; it is tried again.`)
}

async function mergeOnce(view: View, mirror: GitMirror, nowMs: number, signal: AbortSignal): Promise<MergeResult | 'moved'> {
  const { input, tip } = view
  const { target, revision, mergedAs } = input
  const here = await mirror.fetch([{ object: tip, ref: heldAt(branchRef(target)) }], signal)
  if (here === 'gone') return 'moved'
  await mirror.ensure(revision, signal)
  if (await contains(tip, revision, mirror, signal)) return { outcome: 'contained', how: 'merge', tip }
  const merge = await tryMerge(tip, revision, mirror, signal)
  if (merge.kind === 'squashed') return { outcome: 'contained', how: 'squash', tip }
  if (mergedAs !== null) return byPerson(view, mergedAs, mirror, signal)
  if (merge.kind !== 'clean') return leaveConflict(view, merge, mirror, signal)

  const commit = await commitOf(merge.tree, { ...input, tip }, mirror, nowMs, signal)
  const { end, words, stderr } = await push(branchRef(target), commit, tip, mirror, signal)
  if (end === 'done' || end === 'there') return { outcome: 'merged', tip: commit }
  if (end === 'moved') return 'moved'
  if (end === 'refused') return leaveMerge(view, commit, words, mirror, signal)
  throw end === 'failed'
    ? gitFailure(`push ${input.tag} to ${target}`, stderr)
    : transient(`The remote could not take the merge of ${input.tag} into ${target}; it is tried again. It said: ${words}`)
}

async function byPerson({ input, tip }: View, mergedAs: Revision, mirror: GitMirror, signal: AbortSignal): Promise<MergeResult> {
  if (await contains(tip, mergedAs, mirror, signal)) return { outcome: 'contained', how: 'person', tip }
  const { tag, target } = input
  throw permanent(
    'Conflict',
    `${tag} should have come into ${target} as ${quoted(mergedAs)}, and ${target}, which is at ${shortSha(tip)}, does not contain that commit. Push it to ${target}, or name the commit of ${target} that brought ${tag}.`,
    { target, tip, mergedAs: mergedAs.slice(0, 64) },
  )
}

async function leaveConflict(
  { input, branch, listing, tip }: View,
  merge: Extract<ReleaseMerge, { kind: 'conflict' | 'unrelated' }>,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<MergeResult> {
  await leave(branch, input.revision, listing, mirror, signal)
  const steps = conflictSteps(input, branch, { unrelated: merge.kind === 'unrelated' })
  return { outcome: 'conflict', tip, files: merge.files, branch, steps }
}

async function leaveMerge(
  { input, branch, listing, tip }: View,
  commit: Revision,
  reason: string,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<MergeResult> {
  const there = await leave(branch, commit, listing, mirror, signal)
  const finished = there === commit || (await isFinished(there, { tip, revision: input.revision }, branch, mirror, signal))
  return { outcome: 'protected', tip, reason, branch, steps: protectedSteps(input, branch, finished ? there : null) }
}

/** The branch for a person. It is left where it is when it is there already: somebody may be working on it. */
async function leave(branch: string, at: Revision, listing: Listing, mirror: GitMirror, signal: AbortSignal): Promise<Revision> {
  const there = listing.get(branchRef(branch))?.commit
  return there ?? (await pushNew(branchRef(branch), at, at, mirror, signal)).revision
}

/** Whether what an earlier call or a person left in the branch holds the release and all of the target. */
async function isFinished(
  there: Revision,
  { tip, revision }: { readonly tip: Revision; readonly revision: Revision },
  branch: string,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await mirror.fetch([{ object: there, ref: heldAt(branchRef(branch)) }], signal)) === 'gone') return false
  return (await contains(there, revision, mirror, signal)) && (await contains(there, tip, mirror, signal))
}

function validBranch({ tag, target }: MergeInput): string {
  const branch = mergeBackBranch(tag, target)
  for (const parsed of [parseRefName(target), parseRefName(tag), parseRefName(branch)]) {
    if (!parsed.ok) throw permanent('InvalidConfiguration', `Slipway merges no such thing: ${parsed.problem}.`)
  }
  return branch
}
