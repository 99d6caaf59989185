import type { Revision } from '../../domain/revision.ts'
import type { Relation } from '../contract.ts'
import { countDifference } from './commands.ts'
import type { GitMirror } from './open-mirror.ts'

type Input = { readonly project: string; readonly a: Revision; readonly b: Revision }

/** `ahead` is how many commits a has and b has not. */
export async function compareRevisions(
  { a, b }: Input,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<{ relation: Relation; ahead: number }> {
  await mirror.ensure(a, signal)
  if (a === b) return { relation: 'same', ahead: 0 }
  await mirror.ensure(b, signal)
  const { stdout } = await mirror.git(countDifference(mirror.paths.mirror, a, b), 'compare two revisions', signal)
  const [ahead = 0, behind = 0] = stdout.toString('utf8').trim().split('\t').map(Number)
  return { relation: relationOf(ahead, behind), ahead }
}

function relationOf(ahead: number, behind: number): Relation {
  if (ahead === 0 && behind === 0) return 'same'
  if (behind === 0) return 'ahead'
  return ahead === 0 ? 'behind' : 'diverged'
}
