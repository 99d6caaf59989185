import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Actor } from '../../domain/actor.ts'
import type { Revision } from '../../domain/revision.ts'
import { transient } from '../failure.ts'
import { messageBy, slipwayVariables } from './authorship.ts'
import { commitMerge, mergeTrees } from './commands.ts'
import { configVariables } from './environment.ts'
import { orTransient } from './files.ts'
import { mergeTitle } from './merge-steps.ts'
import { inScratch, parseMergeTrees, type TriedMerge } from './merge-trees.ts'
import type { GitMirror } from './open-mirror.ts'
import { ownChanges } from './squash.ts'

/** What merging a release into a target gives. `files` are for people: at most 20, without control characters. */
export type ReleaseMerge =
  | { readonly kind: 'clean'; readonly tree: string }
  /** The target has all that the release changed. */
  | { readonly kind: 'squashed' }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  /** They have no commit in common. */
  | { readonly kind: 'unrelated'; readonly files: readonly string[] }

const FILES = 20
const NAME_LENGTH = 200
const ATTRIBUTES_BYTES = 1024 * 1024

/** Merges in the mirror's objects, without files and without a ref: what nobody keeps goes with the next packing. */
export async function tryMerge(tip: Revision, revision: Revision, mirror: GitMirror, signal: AbortSignal): Promise<ReleaseMerge> {
  const [tried, changes, own] = await Promise.all([
    mergeTree(tip, revision, mirror, signal),
    ownChanges(tip, revision, mirror, signal),
    mirror.objects.info(`${tip}^{tree}`, signal),
  ])
  const files = tried.conflicts.slice(0, FILES).map(readableFile)
  if (changes === 'unrelated') return { kind: 'unrelated', files }
  if (tried.tree === null) return { kind: 'conflict', files }
  return tried.tree === own?.id && changes === 'some' ? { kind: 'squashed' } : { kind: 'clean', tree: tried.tree }
}

/** Always a commit of its own, also where the target could be carried forward: it says who and when. */
export async function commitOf(
  tree: string,
  merge: {
    readonly tip: Revision
    readonly revision: Revision
    readonly tag: string
    readonly target: string
    readonly by: Actor
  },
  mirror: GitMirror,
  nowMs: number,
  signal: AbortSignal,
): Promise<Revision> {
  const command = commitMerge(mirror.paths.mirror, tree, [merge.tip, merge.revision], `${messageBy(merge.by, mergeTitle(merge))}\n`)
  const doing = `make the merge of ${merge.tag} into ${merge.target}`
  const { stdout } = await mirror.git(command, doing, signal, { environment: slipwayVariables(nowMs) })
  return stdout.toString('latin1').trim()
}

async function mergeTree(tip: Revision, revision: Revision, mirror: GitMirror, signal: AbortSignal): Promise<TriedMerge> {
  return inScratch(mirror, async (scratch) => {
    const environment = await attributesOf(tip, scratch, mirror, signal)
    const command = mergeTrees(mirror.paths.mirror, tip, [revision])
    const { stdout } = await mirror.git(command, 'try a merge', signal, { environment })
    const tried = parseMergeTrees(stdout.toString('latin1'))[0]
    if (tried === undefined) throw transient('git said nothing of a merge; it is tried again.')
    return tried
  })
}

/**
 * A bare repository has no .gitattributes to read, and then a file that says `-merge` would be merged line by line. The
 * ones at the target's root count here. They choose among git's own ways to merge: there is no configuration for others.
 */
async function attributesOf(tip: Revision, scratch: string, mirror: GitMirror, signal: AbortSignal): Promise<Record<string, string>> {
  const name = `${tip}:.gitattributes`
  const info = await mirror.objects.info(name, signal)
  if (info?.type !== 'blob' || info.bytes > ATTRIBUTES_BYTES) return {}
  const file = join(scratch, 'attributes')
  const found = await mirror.objects.contents(name, signal)
  await orTransient("write the target's attributes", () => writeFile(file, found?.content ?? ''))
  return configVariables([['core.attributesFile', file]])
}

/** A name as git keeps it is any bytes: what would steer a terminal or break a line is shown as a question mark. */
function readableFile(path: string): string {
  const name = Buffer.from(path, 'latin1')
    .toString('utf8')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  const letters = Array.from(name)
  return letters.length > NAME_LENGTH ? `${letters.slice(0, NAME_LENGTH - 1).join('')}…` : name
}
