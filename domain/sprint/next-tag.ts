import { unwrap } from '../parsed.ts'
import { compareReleaseTags, unwrapReleaseTag, type ReleaseTag } from '../release-tag.ts'
import { parseVersion } from '../version.ts'
import type { SprintState } from './state.ts'

/** v1.0.0, and once a tag of this version exists, v1.0.0-hotfix1, -hotfix2, … -hotfix10. */
export function nextTag(state: SprintState): ReleaseTag {
  const names = [...state.facts.tags.map((tag) => tag.name), ...(state.live === null ? [] : [state.live.tag])]
  const newest = names.map(unwrapReleaseTag).toSorted(compareReleaseTags).at(-1)
  if (newest === undefined) return { version: unwrap(parseVersion(state.version)), hotfix: 0 }
  return { version: newest.version, hotfix: newest.hotfix + 1 }
}
