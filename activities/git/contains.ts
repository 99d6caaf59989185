import type { Revision } from '../../domain/revision.ts'
import { isAncestor } from './commands.ts'
import type { GitMirror } from './open-mirror.ts'

/** Whether `revision`, which is in the mirror, is `ancestor` or came after it. */
export async function contains(revision: Revision, ancestor: Revision, mirror: GitMirror, signal: AbortSignal): Promise<boolean> {
  // A fetch brings the whole history of a tip, so what is not here is not in it.
  if ((await mirror.objects.info(ancestor, signal))?.type !== 'commit') return false
  const { exitCode } = await mirror.git(isAncestor(mirror.paths.mirror, ancestor, revision), 'compare two revisions', signal, {
    allowed: [0, 1],
  })
  return exitCode === 0
}
