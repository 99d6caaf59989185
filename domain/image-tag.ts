import { isImageTag } from './image-reference.ts'
import { parseFailure, type Parsed } from './parsed.ts'
import { shortSha, type Revision } from './revision.ts'

/**
 * The image tag rule of the article: a git tag is the image tag; a branch gives `<branch>.<shortsha>`, so that a moving
 * branch still names one snapshot. A `/` in a branch becomes `-`, for an image tag has none.
 *
 * @param ref a full ref name, `refs/heads/…` or `refs/tags/…`
 */
export function imageTagOf(ref: string, revision: Revision): Parsed<string> {
  const tag = ref.startsWith('refs/tags/')
    ? ref.slice('refs/tags/'.length)
    : `${ref.slice('refs/heads/'.length).replaceAll('/', '-')}.${shortSha(revision)}`
  // What is made by Slipway or by a branch's rule is nobody's to push: `slipway-<inputs>` says what an image is made of.
  const taken = ref.startsWith('refs/tags/') && (tag.startsWith('slipway-') || /\.[0-9a-f]{8}$/.test(tag))
  if (taken) return parseFailure(tag, 'a git tag that does not look like slipway-… or <branch>.<eight digits of a commit>')
  return isImageTag(tag)
    ? { ok: true, value: tag }
    : parseFailure(tag, 'a ref whose image tag is at most 128 letters, digits, ".", "_" and "-"')
}
