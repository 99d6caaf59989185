import type { Candidate } from '../../domain/candidate.ts'
import { permanent } from '../failure.ts'
import { putTag, type Tagged } from '../image/put-tag.ts'
import type { Registry } from '../registry/client.ts'

/**
 * A placed script may pull by TAG and look at no digest. So TAG names the approved digests before it runs, moved there where it
 * names something else, and is looked at once more after it.
 */
export type ApprovedTag = {
  readonly registry: Registry
  readonly candidate: Candidate
  readonly tag: string
}

/** @returns what TAG did not name. @throws permanent, where the registry refuses it or has a digest no more */
export function moveToApproved({ registry, candidate, tag }: ApprovedTag, signal: AbortSignal): Promise<readonly Tagged[]> {
  return putTag(registry, { images: candidate.images, tag, move: true }, signal)
}

/** @throws permanent `RolloutFailed` with both digests, when TAG names something else by now: who knows what the script pulled */
export async function expectApproved({ registry, candidate, tag }: ApprovedTag, signal: AbortSignal): Promise<void> {
  const found = await Promise.all(candidate.images.map(({ repository }) => registry.resolve(repository, tag, signal)))
  const moved = candidate.images.flatMap((image, index): Tagged[] => {
    const was = found[index] ?? null
    return was === image.digest ? [] : [{ image, was }]
  })
  if (moved.length > 0) throw movedMeanwhile({ registry, tag }, moved)
}

/** The failure for what TAG named while the script ran, and should not have. */
export function movedMeanwhile({ registry, tag }: Pick<ApprovedTag, 'registry' | 'tag'>, moved: readonly Tagged[]): Error {
  const lines = moved.map(({ image, was }) => {
    const name = `${registry.address}/${image.repository}:${tag}`
    return `${name} named ${was ?? 'nothing'} when the script had run; expected the approved ${image.digest}`
  })
  return permanent(
    'RolloutFailed',
    `${lines[0]}. Somebody moved it meanwhile, and which of the two the script pulled is not known. See who writes that tag, and deploy again`,
    { observed: lines },
  )
}
