import type { Revision } from '../../domain/revision.ts'
import type { Relation } from '../contract.ts'
import { countDifference } from './commands.ts'
import { mergedTrees } from './merge-trees.ts'
import type { GitMirror } from './open-mirror.ts'
import { squashesAmong } from './squash.ts'

type Input = { readonly project: string; readonly a: Revision; readonly b: Revision }
type Compared = { readonly relation: Relation; readonly ahead: number; readonly lacks: number }

/** `ahead` is how many commits a has and b has not; `lacks` is how many b has and a has not, 0 when a has what they do. */
export async function compareRevisions({ a, b }: Input, mirror: GitMirror, signal: AbortSignal): Promise<Compared> {
  await mirror.ensure(a, signal)
  if (a === b) return { relation: 'same', ahead: 0, lacks: 0 }
  await mirror.ensure(b, signal)
  const { stdout } = await mirror.git(countDifference(mirror.paths.mirror, a, b), 'compare two revisions', signal)
  const [ahead = 0, behind = 0] = stdout.toString('utf8').trim().split('\t').map(Number)
  const relation = relationOf(ahead, behind)
  const lacks = relation === 'diverged' && (await hasAllOf(a, b, mirror, signal)) ? 0 : behind
  return { relation, ahead, lacks }
}

async function hasAllOf(a: Revision, b: Revision, mirror: GitMirror, signal: AbortSignal): Promise<boolean> {
  const trees = await mergedTrees(a, [b], mirror, signal)
  return (await squashesAmong(a, [b], trees, mirror, signal)).has(b)
}

function relationOf(ahead: number, behind: number): Relation {
  if (ahead === 0 && behind === 0) return 'same'
  if (behind === 0) return 'ahead'
  return ahead === 0 ? 'behind' : 'diverged'
}
