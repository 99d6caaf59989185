import { classifyRef, type BranchNames } from '../ref-rules.ts'
import { formatVersion } from '../version.ts'
import type { RepositoryState } from './state.ts'

/** True for develop and for the branch and the tags of an open sprint: what somebody follows, beyond having it built. */
export function isFollowed(state: RepositoryState, branches: BranchNames, ref: string): boolean {
  const kind = classifyRef(ref, branches)
  if (kind?.kind === 'develop') return true
  const version = kind?.kind === 'release' ? kind.version : kind?.kind === 'releaseTag' ? kind.tag.version : null
  return version !== null && state.sprints.some((sprint) => sprint.version === formatVersion(version))
}
