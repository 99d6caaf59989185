import type { Actor } from '../actor.ts'
import { authorise } from '../authorise.ts'
import { parseRefName } from '../ref-name.ts'
import { formatReleaseTag } from '../release-tag.ts'
import { parseRevision, shortSha, type Revision } from '../revision.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { phaseAllows, type SprintCommand } from './commands.ts'
import type { Judgement, No } from './judgement.ts'
import { judgeFinish } from './judge-finish.ts'
import { hotfixMade, judgeHotfix } from './judge-hotfix.ts'
import { nextTag } from './next-tag.ts'
import { nextCommands } from './next.ts'
import { environmentsFrom, isSignedOff, releaseBranchOf, type Feature, type SprintState } from './state.ts'

export function judge(state: SprintState, command: SprintCommand, by: Actor, now: number): Judgement {
  const no = (reason: string, kind: Refusal['kind'] = 'state') => refuse(reason, nextCommands(state), kind)
  if (by.kind === 'person' && by.name.trim() === '') return no(`${said(command)} needs the name of a person`, 'rights')
  const { rights = null } = state.settings
  const right = authorise(command.kind, by, { where: `the sprint ${state.version}`, rights, approvers: [], guarded: true })
  if (right !== null) return right
  const phase = phaseAllows(state.phase, command.kind)
  if (!phase.allowed) return no(`${said(command)} is not possible while ${state.version} is ${state.phase}: ${phase.because}`)
  switch (command.kind) {
    case 'addFeature':
      return addFeature(state, command.branch, by, now, no)
    case 'removeFeature':
      return removeFeature(state, command.branch, by, now, no)
    case 'settleFeature':
      return settleFeature(state, command, by, now, no)
    case 'cut':
      return cut(state, command.without, by, now, no)
    case 'tag':
      return tag(state, command.revision, by, now, no)
    case 'hotfix':
      return judgeHotfix(state, by, now, no)
    case 'finish':
      return judgeFinish(state, command, by, now, no)
    case 'abort':
      return {
        ok: true,
        state: {
          ...state,
          phase: 'aborted',
          since: now,
          entries: recorded(state.entries, now, 'aborted', `aborted: ${command.reason}`, by),
        },
        text: `the sprint ${state.version} is aborted; branches, tags and environments stay as they are`,
        effects: [],
      }
    default:
      return command satisfies never
  }
}

function addFeature(state: SprintState, branch: string, by: Actor, now: number, no: No): Judgement {
  const name = parseRefName(branch)
  if (!name.ok) return no(name.problem)
  const { develop, master } = state.settings.branches
  if (branch === develop || branch === master || branch === releaseBranchOf(state)) return no(`${branch} is no feature branch`)
  if (state.features.some((feature) => feature.branch === branch)) return no(`${branch} is listed already`)
  if (state.features.length >= 50) return no('a sprint lists at most 50 features')
  return accepted(
    state,
    [...state.features, { branch, merged: null, since: now }],
    `${branch} is listed for ${state.version}`,
    'featureAdded',
    by,
    now,
  )
}

function removeFeature(state: SprintState, branch: string, by: Actor, now: number, no: No): Judgement {
  if (!state.features.some((feature) => feature.branch === branch)) return no(notListed(state, branch), 'notFound')
  return accepted(
    state,
    state.features.filter((feature) => feature.branch !== branch),
    `${branch} is not listed for ${state.version} any more`,
    'featureRemoved',
    by,
    now,
  )
}

function settleFeature(
  state: SprintState,
  command: { branch: string; revision: string | null },
  by: Actor,
  now: number,
  no: No,
): Judgement {
  const feature = state.features.find((other) => other.branch === command.branch)
  if (feature === undefined) return no(notListed(state, command.branch), 'notFound')
  if (feature.merged !== null) return no(`${command.branch} counts as merged already (${feature.merged.how})`)
  if (command.revision !== null) {
    const revision = parseRevision(command.revision)
    if (!revision.ok) return no(revision.problem)
  }
  const merged = { how: 'person', revision: command.revision, at: now } as const
  const features = state.features.map((other): Feature => (other === feature ? { ...feature, merged } : other))
  return accepted(state, features, `${command.branch} counts as merged`, 'merged', by, now)
}

function accepted(state: SprintState, features: readonly Feature[], text: string, event: string, by: Actor, now: number): Judgement {
  return { ok: true, state: { ...state, features, entries: recorded(state.entries, now, event, text, by) }, text, effects: [] }
}

function notListed(state: SprintState, branch: string): string {
  const listed = state.features.map((feature) => feature.branch).join(', ')
  return `${branch} is not listed for ${state.version}; listed: ${listed === '' ? 'nothing' : listed}`
}

/** The release branch starts at develop's tip. What is listed and not merged is named, and left out only by name. */
function cut(state: SprintState, without: readonly string[], by: Actor, now: number, no: No): Judgement {
  const { develop } = state.facts
  if (develop === null) return no(`${state.settings.branches.develop} has not been seen on the remote yet`)
  const unknown = without.filter((branch) => !state.features.some((feature) => feature.branch === branch))
  if (unknown.length > 0) return no(notListed(state, unknown.join(', ')), 'notFound')
  const missing = state.features
    .filter((feature) => feature.merged === null && !without.includes(feature.branch))
    .map((feature) => feature.branch)
  if (missing.length > 0) {
    return refuse(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} listed for ${state.version} and not in ${state.settings.branches.develop}`,
      [
        `slipway cut ${state.version} ${missing.map((branch) => `--without ${branch}`).join(' ')}`,
        ...missing.map((branch) => `slipway feature merged ${branch}`),
      ],
    )
  }
  const features = state.features.filter((feature) => !without.includes(feature.branch))
  const name = releaseBranchOf(state)
  const left = without.length === 0 ? '' : `, without ${without.join(', ')}`
  return {
    ok: true,
    state: {
      ...state,
      features,
      entries: recorded(state.entries, now, 'cut', `${name} is cut at ${shortSha(develop.revision)}${left}`, by),
    },
    text: `${name} is cut at ${shortSha(develop.revision)}${left}`,
    effects: [{ kind: 'createBranch', name, revision: develop.revision }],
  }
}

function tag(state: SprintState, wish: string | null, by: Actor, now: number, no: No): Judgement {
  const { release } = state.facts
  if (release === null) return no(`${releaseBranchOf(state)} is not on the remote`)
  if (wish !== null) {
    const parsed = parseRevision(wish)
    if (!parsed.ok) return no(parsed.problem)
  }
  const revision = wish ?? release.revision
  if (!isSignedOff(state, revision)) return no(notSignedOff(state, revision))
  // An older tag on it, made by hand, is never released after a newer one: then it takes the next name.
  const existing = state.facts.tags.at(-1)
  if (existing?.revision === revision) {
    return refuse(
      `${existing.name} names ${shortSha(revision)} already`,
      environmentsFrom(state, 'tag').map((environment) => `slipway retry ${environment}`),
    )
  }
  const name = formatReleaseTag(nextTag(state))
  return {
    ok: true,
    state: { ...state, entries: recorded(state.entries, now, 'tagged', `${name} names ${shortSha(revision)}`, by) },
    text: `${name} names ${shortSha(revision)}`,
    effects: [{ kind: 'createTag', name, revision }],
  }
}

export function notSignedOff(state: SprintState, revision: Revision): string {
  const environments = environmentsFrom(state, 'release').filter(
    (environment) => !state.signedOff.some((signOff) => signOff.environment === environment && signOff.revision === revision),
  )
  return `${shortSha(revision)} is not signed off on ${environments.join(' and ')}`
}

function said(command: SprintCommand): string {
  switch (command.kind) {
    case 'addFeature':
      return 'feature add'
    case 'removeFeature':
      return 'feature remove'
    case 'settleFeature':
      return 'feature merged'
    default:
      return command.kind
  }
}

/** Records that the ref was made. Facts may have moved the phase on meanwhile: what was done is true all the same. */
export function applyMade(
  state: SprintState,
  command: SprintCommand,
  judged: { readonly text: string },
  by: Actor,
  now: number,
): SprintState {
  const features = command.kind === 'cut' ? state.features.filter((feature) => !command.without.includes(feature.branch)) : state.features
  const made = { ...state, features, entries: recorded(state.entries, now, command.kind, judged.text, by) }
  return command.kind === 'hotfix' ? hotfixMade(made, now) : made
}

/** A refusal is recorded too: what was tried, by whom, and why not. */
export function denied(state: SprintState, command: SprintCommand, refusal: Refusal, by: Actor, now: number): SprintState {
  return { ...state, entries: recorded(state.entries, now, 'denied', `${said(command)} was denied: ${refusal.reason}`, by) }
}
