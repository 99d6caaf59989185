import type { Revision } from '../../domain/revision.ts'
import { mergeBase } from './commands.ts'
import { mapLimit } from './map-limit.ts'
import type { MergedTrees } from './merge-trees.ts'
import type { GitMirror } from './open-mirror.ts'

/**
 * Those whose merge would change nothing in `target`, although they changed something since they left it: they came there
 * as a squash, or commit by commit.
 */
export async function squashesAmong(
  target: Revision,
  tips: readonly Revision[],
  trees: MergedTrees,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<Set<Revision>> {
  const own = (await mirror.objects.info(`${target}^{tree}`, signal))?.id
  const same = tips.filter((tip) => own !== undefined && trees.get(tip) === own)
  const changes = await mapLimit(same, 4, (tip) => ownChanges(target, tip, mirror, signal))
  return new Set(same.filter((_, index) => changes[index] === 'some'))
}

/** What `tip` changed since it left `target`; 'unrelated' when they have no commit in common. */
export async function ownChanges(
  target: Revision,
  tip: Revision,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<'some' | 'none' | 'unrelated'> {
  const { stdout, exitCode } = await mirror.git(mergeBase(mirror.paths.mirror, target, tip), 'find a merge base', signal, {
    allowed: [0, 1],
  })
  if (exitCode !== 0) return 'unrelated'
  const [base, own] = await Promise.all(
    [stdout.toString('latin1').trim(), tip].map((each) => mirror.objects.info(`${each}^{tree}`, signal)),
  )
  return base?.id === own?.id ? 'none' : 'some'
}
