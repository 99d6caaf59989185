import type { Actor } from '../actor.ts'
import type { MergeTarget } from '../merge-back/state.ts'
import { parseRevision, shortSha } from '../revision.ts'
import { recorded } from '../timeline.ts'
import { refuse } from '../wait.ts'
import type { Judgement, No } from './judgement.ts'
import { enter, movedTag, rolledBackSomewhere } from './settle.ts'
import { hasLaterCommits, releaseBranchOf, unconfirmed, type SprintState } from './state.ts'

type Finish = { readonly mergedAs: string | null; readonly target: string | null }

/** What is released, confirmed, and all there is on the release branch, is merged back. */
export function judgeFinish(state: SprintState, wish: Finish, by: Actor, now: number, no: No): Judgement {
  // One that ended without a word, or was stopped, begins anew.
  if (state.phase === 'mergingBack' && state.mergeBack?.ended !== true) return whileMerging(state, wish, by, now, no)
  const { release } = state
  if (release === null) return no(`${state.version} has no release to merge back`)
  if (wish.mergedAs !== null) return no(`${release.tag} is not being merged back yet: finish it first, then say how it came where`)
  const moved = movedTag(state)
  if (moved !== null) return no(`the tag ${moved.tag} does not name what was released any more: put it back first`)
  if (hasLaterCommits(state)) {
    return no(`${releaseBranchOf(state)} has commits after ${release.tag}; release them as a hotfix, or take them off`)
  }
  const back = rolledBackSomewhere(state)
  if (back !== null) return no(`${back}; what does not run is not merged back`)
  const missing = unconfirmed(state, release)
  if (missing.length > 0) {
    return refuse(
      `${release.tag} is not signed off on ${missing.join(' and ')}; QA confirms it there first`,
      missing.map((environment) => `slipway signoff ${environment} --pass`),
    )
  }
  const text = `${release.tag} is merged back into ${targetsOf(state).join(', ')}`
  const begun = { ...release, by, sequence: now, targets: [], stopped: null, ended: false }
  const entries = recorded(state.entries, now, 'finish', text, by)
  return {
    ok: true,
    state: enter({ ...state, mergeBack: begun, entries }, 'mergingBack', text, now),
    text,
    effects: [{ kind: 'mergeBack', release }],
  }
}

function targetsOf({ settings, facts }: SprintState): string[] {
  return [settings.branches.develop, settings.branches.master, ...(facts.younger ?? [])]
}

/** While it waits for a person, a person may say by which commit the release came to a branch. */
function whileMerging(state: SprintState, { mergedAs, target }: Finish, by: Actor, now: number, no: No): Judgement {
  const targets = state.mergeBack?.targets ?? []
  const waiting = targets.filter(({ status }) => status.kind === 'person')
  if (mergedAs === null) return no(`${state.mergeBack?.tag ?? state.version} is being merged back already; ${whereItStands(targets)}`)
  const revision = parseRevision(mergedAs)
  if (!revision.ok) return no(revision.problem)
  const [first] = waiting
  if (first === undefined) return no(`nothing waits for a person: ${whereItStands(targets)}`)
  if (target === null && waiting.length > 1) {
    return refuse(
      `${waiting.map(({ branch }) => branch).join(' and ')} wait for a person; name one`,
      waiting.map(({ branch }) => `slipway finish ${state.version} --merged-as ${mergedAs} --target ${branch}`),
    )
  }
  const chosen = target === null ? first : waiting.find(({ branch }) => branch === target)
  if (chosen === undefined) return no(`${target} waits for nobody: ${whereItStands(targets)}`, 'notFound')
  const text = `whether ${chosen.branch} has it as ${shortSha(mergedAs)} is looked at`
  return {
    ok: true,
    state: { ...state, entries: recorded(state.entries, now, 'mergedAs', text, by) },
    text,
    effects: [{ kind: 'mergedAs', target: chosen.branch, revision: mergedAs }],
  }
}

function whereItStands(targets: readonly MergeTarget[]): string {
  if (targets.length === 0) return 'it has just begun'
  return targets
    .map(({ branch, status }) => `${branch} ${status.kind === 'person' ? `waits (${status.why})` : WORDS[status.kind]}`)
    .join(', ')
}

const WORDS = { open: 'is next', retry: 'is tried again', done: 'has it', stopped: 'was stopped' } as const
