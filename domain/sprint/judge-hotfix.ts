import type { Actor } from '../actor.ts'
import { formatReleaseTag } from '../release-tag.ts'
import { shortSha } from '../revision.ts'
import { recorded } from '../timeline.ts'
import type { Judgement, No } from './judgement.ts'
import { nextTag } from './next-tag.ts'
import { enter, settle } from './settle.ts'
import { releaseBranchOf, type SprintState } from './state.ts'

/** The branch on which a hotfix is made; it is merged back into the release branch. */
export function hotfixBranchOf(state: SprintState): string {
  return `hotfix/${formatReleaseTag(nextTag(state))}`
}

/** The hotfix branch is cut from the release branch; where that is gone, both are made from what was released. */
export function judgeHotfix(state: SprintState, by: Actor, now: number, no: No): Judgement {
  const { release, facts, hotfix } = state
  if (release === null) return no(`${state.version} has no release to fix`)
  if (hotfix !== null) return no(`a hotfix of ${state.version} is under way on ${hotfix}; merge it into ${releaseBranchOf(state)}`)
  const name = hotfixBranchOf(state)
  const from = facts.release?.revision ?? release.revision
  const restored = facts.release === null ? [{ kind: 'createBranch' as const, name: releaseBranchOf(state), revision: from }] : []
  const text = `${name} is cut at ${shortSha(from)}; merge it into ${releaseBranchOf(state)} when it is done`
  return {
    ok: true,
    state: { ...state, entries: recorded(state.entries, now, 'hotfix', text, by) },
    text,
    effects: [...restored, { kind: 'createBranch', name, revision: from }],
  }
}

/** The branch is there. A merge-back that is under way stops: what is mended is merged back, not what is broken. */
export function hotfixMade(state: SprintState, now: number): SprintState {
  const hotfix = hotfixBranchOf(state)
  switch (state.phase) {
    case 'live':
    case 'rolledBack':
    case 'mergingBack':
      return settle({ ...enter(state, 'hotfixing', `${hotfix} was cut`, now), hotfix }, now)
    case 'hotfixing':
      return { ...state, hotfix }
    default:
      // Facts moved it on while the branch was made.
      return state
  }
}
