import type { Follower } from '../environment/state.ts'
import { isHotfixToTest, isSignedOff, type SprintState } from './state.ts'

/**
 * What this sprint needs the environments for that release branches feed, until its candidate is signed off and tagged.
 * Null: it needs none of them for itself.
 */
export function claimOf(state: SprintState): Follower['claim'] {
  switch (state.phase) {
    case 'stabilising':
      return isReleasable(state) ? null : 'release'
    case 'hotfixing':
      // Until the hotfix is merged back there is nothing to test.
      return isHotfixToTest(state) && !isReleasable(state) ? 'hotfix' : null
    case 'integrating':
    case 'releasing':
    case 'live':
    case 'rolledBack':
    case 'mergingBack':
    case 'finished':
    case 'aborted':
      return null
    default:
      return state.phase satisfies never
  }
}

/** What is on the release branch is signed off and tagged. */
function isReleasable({ facts, ...state }: SprintState): boolean {
  const { release } = facts
  if (release === null) return false
  return isSignedOff({ ...state, facts }, release.revision) && facts.tags.at(-1)?.revision === release.revision
}
