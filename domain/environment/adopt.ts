import type { Actor } from '../actor.ts'
import { parseReleaseTag } from '../release-tag.ts'
import type { EnvironmentSettings } from '../settings.ts'
import type { Snapshot } from '../snapshot.ts'
import { recorded } from '../timeline.ts'
import { formatVersion } from '../version.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import type { Judged } from './judge-vote.ts'
import type { Deployed, EnvironmentState } from './state.ts'

/** What a look at the target found; see the activity `survey`. */
export type Survey = {
  readonly found: { readonly tag: string; readonly snapshot: Snapshot; readonly observed: readonly string[] } | null
  readonly epoch: number
  readonly settings: EnvironmentSettings
}

/** May what runs be taken over? Only where Slipway has deployed nothing and is about to deploy nothing. */
export function judgeAdopt(state: EnvironmentState, by: Actor): Refusal | null {
  const right = authorise('adopt', by, state.settings)
  if (right !== null) return right
  const look = [`slipway env ${state.name}`]
  if (state.current !== null) {
    return refuse(`${state.name} is known already: ${state.current.tag} runs there as epoch ${state.current.epoch}`, look)
  }
  if (state.running === null) return null
  return refuse(`${state.running.request.tag} is being deployed to ${state.name}; there is nothing to take over any more`, look)
}

/** What runs becomes the state, under the epoch that the target holds: 0 where Slipway never was. */
export function absorbSurvey(state: EnvironmentState, survey: Survey, by: Actor, now: number): Judged {
  const late = judgeAdopt(state, by)
  if (late !== null) return { state, answer: late }
  const known = { ...state, settings: survey.settings }
  if (survey.found === null) {
    return { state: known, answer: refuse(`nothing runs in ${state.name}; its first deployment will be epoch 1`, [], 'notFound') }
  }
  const { tag, snapshot, observed } = survey.found
  const current: Deployed = {
    epoch: survey.epoch,
    request: 'adopted',
    askedAt: now,
    version: versionOf(tag),
    tag,
    snapshot,
    since: now,
    approval: null,
    signOff: null,
    adopted: true,
  }
  const text = `${tag} runs in ${state.name} and is epoch ${survey.epoch}`
  return {
    state: {
      ...known,
      epoch: Math.max(state.epoch, survey.epoch),
      current,
      entries: recorded(state.entries, now, 'adopted', [text, ...observed].join('; '), by),
    },
    answer: { ok: true, text },
  }
}

function versionOf(tag: string): string | null {
  const release = parseReleaseTag(tag)
  return release.ok ? formatVersion(release.value.version) : null
}
