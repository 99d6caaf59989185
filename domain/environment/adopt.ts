import type { Actor } from '../actor.ts'
import { parseReleaseTag } from '../release-tag.ts'
import type { EnvironmentSettings } from '../settings.ts'
import type { Snapshot } from '../snapshot.ts'
import { recorded } from '../timeline.ts'
import { formatVersion, parseVersion } from '../version.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { denied, type Judged } from './judged.ts'
import { seenWhenVerified } from './past.ts'
import type { Deployed, EnvironmentState } from './state.ts'

/** What a look at the target found; see the activity `survey`. */
export type Survey = {
  readonly found: { readonly tag: string; readonly snapshot: Snapshot; readonly observed: readonly string[] } | null
  readonly epoch: number
  readonly settings: EnvironmentSettings
}

/** May what runs be taken over? Only where Slipway has deployed nothing and is about to deploy nothing. */
export function judgeAdopt(state: EnvironmentState, by: Actor): Refusal | null {
  return authorise('adopt', by, state.settings) ?? alreadyKnown(state)
}

function alreadyKnown(state: EnvironmentState): Refusal | null {
  const look = [`slipway env ${state.name}`]
  if (state.current !== null) {
    return refuse(`${state.name} is known already: ${state.current.tag} runs there as epoch ${state.current.epoch}`, look)
  }
  if (state.running === null) return null
  return refuse(`${state.running.request.tag} is being deployed to ${state.name}; there is nothing to take over any more`, look)
}

/** What runs becomes the state, under the epoch that the target holds: 0 where Slipway never was. */
export function absorbSurvey(state: EnvironmentState, survey: Survey, by: Actor, now: number): Judged {
  const late = alreadyKnown(state)
  if (late !== null) return refused(state, late, by, now)
  const right = by.kind === 'person' ? authorise('adopt', by, survey.settings) : null
  if (right !== null) return denied({ ...state, settings: survey.settings }, 'adopt', by, right, now)
  const known = { ...state, settings: survey.settings, surveyed: true }
  if (survey.found === null) {
    return refused(known, refuse(`nothing runs in ${state.name}; its first deployment will be epoch 1`, [], 'notFound'), by, now)
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
    ...seenWhenVerified(observed),
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

/** What a person is refused is recorded; a look before the first deployment that finds nothing is nothing to tell. */
function refused(state: EnvironmentState, refusal: Refusal, by: Actor, now: number): Judged {
  return by.kind === 'person' ? denied(state, 'adopt', by, refusal, now) : { state, answer: refusal }
}

/** v1.0.0, or what a release branch is called: release-1.0.0.1a2b3c4d. */
function versionOf(tag: string): string | null {
  const release = parseReleaseTag(tag)
  if (release.ok) return formatVersion(release.value.version)
  const branch = parseVersion(/(\d+\.\d+\.\d+)\.[0-9a-f]{8}$/.exec(tag)?.[1] ?? '')
  return branch.ok ? formatVersion(branch.value) : null
}

/** True before the first deployment: what somebody put there without Slipway would be lost to every way back. */
export function wantsSurvey(state: EnvironmentState): boolean {
  return state.current === null && state.epoch === 0 && !state.surveyed
}

/** It cannot be told what runs there: the first deployment goes on, and has nothing to go back to. */
export function absorbNoSurvey(state: EnvironmentState, reason: string, now: number): EnvironmentState {
  const text = `what runs here cannot be told, so there is no way back to it: ${reason}`
  return { ...state, surveyed: true, entries: recorded(state.entries, now, 'notSurveyed', text) }
}
