import { parseRefName } from '../../domain/ref-name.ts'
import { shortRef } from '../../domain/ref-rules.ts'
import type { Revision } from '../../domain/revision.ts'
import { listRemote } from './list-refs.ts'
import type { GitMirror } from './open-mirror.ts'

type Input = { readonly project: string; readonly refs: readonly string[] }

/** The commits of these refs now, null for what is not there or has a name that is not served. */
export async function readRefs(
  { refs }: Input,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<{ refs: readonly { ref: string; revision: Revision | null }[] }> {
  const listing = await listRemote(mirror, signal)
  return { refs: refs.map((ref) => ({ ref, revision: parseRefName(shortRef(ref)).ok ? (listing.get(ref)?.commit ?? null) : null })) }
}
