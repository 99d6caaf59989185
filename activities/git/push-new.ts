import { shortSha, type Revision } from '../../domain/revision.ts'
import { permanent, transient } from '../failure.ts'
import { gitFailure } from './classify.ts'
import type { GitMirror } from './open-mirror.ts'
import { push } from './push.ts'

/**
 * Makes a ref on the remote, and leaves it alone where it is there already. One connection when all goes well: the push
 * itself looks, by insisting that the ref is new.
 *
 * @param object what the ref shall name: the commit, or a tag object of it
 * @returns the commit that the ref names now, and whether this call made it
 */
export async function pushNew(
  ref: string,
  object: string,
  commit: Revision,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<{ readonly revision: Revision; readonly created: boolean }> {
  const { end, words, stderr } = await push(ref, object, null, mirror, signal)
  if (end === 'done' || end === 'there') return { revision: commit, created: end === 'done' }
  if (end === 'failed') throw gitFailure(`push ${ref}`, stderr)
  const there = (await mirror.list(signal)).get(ref)?.commit
  if (there !== undefined) return { revision: there, created: false }
  if (end !== 'refused') throw transient(`The remote could not take ${ref}; it is tried again. It said: ${words}`)
  throw permanent(
    'Conflict',
    `The remote does not let Slipway create ${ref}: ${words} Allow it there, or push ${ref} at ${shortSha(commit)} by hand; Slipway goes on from there.`,
  )
}
