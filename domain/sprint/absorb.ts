import { actorName } from '../actor.ts'
import { shortSha } from '../revision.ts'
import { recorded } from '../timeline.ts'
import type { EnvironmentReport } from '../environment/report.ts'
import type { MergeBackReport } from '../merge-back/state.ts'
import type { RefFact, SprintFacts } from './facts.ts'
import { settle } from './settle.ts'
import type { Feature, SprintState } from './state.ts'

const KEPT_SIGN_OFFS = 30

/** Takes the repository's picture in. A picture that is older than the known one changes nothing. */
export function absorbFacts(state: SprintState, facts: SprintFacts, now: number): SprintState {
  if (facts.sequence <= state.facts.sequence) return state
  let { entries, signedOff } = state
  const anew = isRewritten(state.facts.develop, facts.develop)
  const features = state.features.map((known): Feature => {
    const seen = facts.features.find((fact) => fact.branch === known.branch)
    const lost = anew && known.merged !== null && known.merged.how !== 'person' && (seen?.merged ?? null) === null
    if (lost) entries = recorded(entries, now, 'lapsed', `${known.branch} is not in the rewritten ${state.settings.branches.develop}`)
    const feature = lost ? { ...known, merged: null } : known
    // Once seen merged it stays merged, whatever becomes of the branch afterwards.
    if (feature.merged !== null || seen === undefined || seen.merged === null) return feature
    entries = recorded(
      entries,
      now,
      'merged',
      `${feature.branch} is in ${state.settings.branches.develop}${seen.merged === 'squash' ? ' (squashed)' : ''}`,
    )
    return { ...feature, merged: { how: seen.merged, revision: seen.revision, at: now } }
  })
  for (const [before, after] of [
    [state.facts.develop, facts.develop],
    [state.facts.release, facts.release],
  ] as const) {
    if (after !== null && after.revision !== before?.revision) {
      entries = recorded(entries, now, 'pushed', `${after.name} is at ${shortSha(after.revision)}`)
    }
    if (after?.build.status === 'failed' && before?.build.status !== 'failed') {
      entries = recorded(entries, now, 'buildFailed', `${after.imageTag}: ${after.build.reason}`)
    }
  }
  if (state.facts.release !== null && facts.release === null) {
    const { name, revision } = state.facts.release
    entries = recorded(entries, now, 'deleted', `${name} was deleted; git push <remote> ${revision}:refs/heads/${name} restores it`)
  }
  if (isRewritten(state.facts.release, facts.release)) {
    const vanished = signedOff.filter((signOff) => signOff.revision !== facts.release?.revision)
    if (vanished.length > 0)
      entries = recorded(entries, now, 'lapsed', `${facts.release?.name} was rewritten: sign-offs on what it was lapse`)
    signedOff = signedOff.filter((signOff) => !vanished.includes(signOff))
  }
  const releaseWas = facts.release?.revision ?? state.releaseWas
  return settle({ ...state, facts, features, signedOff, releaseWas, entries }, now)
}

function isRewritten(before: RefFact | null, after: RefFact | null): boolean {
  return after?.rewrittenAt !== undefined && after.rewrittenAt !== before?.rewrittenAt
}

/** Takes an environment's picture in. */
export function absorbReport(state: SprintState, report: EnvironmentReport, now: number): SprintState {
  const known = state.environments[report.environment]
  if (known !== undefined && report.sequence <= known.sequence) return state
  const { current } = report
  let { signedOff, entries } = state
  if (current !== null && current.epoch !== known?.current?.epoch && current.version === state.version) {
    entries = recorded(entries, now, 'deployed', `${current.tag} runs on ${report.environment} (epoch ${current.epoch})`)
  }
  // A sign-off counts for the sprint whose deployment it was given to.
  const isOurs = current !== null && current.version === state.version
  if (isOurs && current.signOff !== null && current.signOff.at !== known?.current?.signOff?.at) {
    const { verdict, by, message } = current.signOff
    const rest = signedOff.filter((other) => other.environment !== report.environment || other.revision !== current.revision)
    signedOff =
      verdict === 'pass'
        ? [...rest, { environment: report.environment, revision: current.revision, by: actorName(by), at: now }].slice(-KEPT_SIGN_OFFS)
        : rest
    const text = `${current.tag} on ${report.environment}: ${verdict === 'pass' ? 'signed off' : 'not good'}${message === null ? '' : ` (${message})`}`
    entries = recorded(entries, now, verdict === 'pass' ? 'signedOff' : 'refusedByQa', text, by)
  }
  const environments = { ...state.environments, [report.environment]: report }
  const asked = state.asked[report.environment]
  const runs = asked !== undefined && asked.verified !== true && isOurs && current.tag === asked.tag
  const wishes = runs ? { ...state.asked, [report.environment]: { ...asked, verified: true as const } } : state.asked
  return settle({ ...state, environments, asked: wishes, signedOff, entries }, now)
}

/** Takes the merge-back's picture in: of the one that was started last, and never an older one. */
export function absorbMergeBack(state: SprintState, report: MergeBackReport, now: number): SprintState {
  const { mergeBack } = state
  if (mergeBack === null || report.tag !== mergeBack.tag || report.sequence <= mergeBack.sequence) return state
  const { sequence, targets, stopped, ended } = report
  let { entries } = state
  for (const { branch, status } of targets) {
    const before = mergeBack.targets.find((target) => target.branch === branch)?.status
    if (status.kind === before?.kind) continue
    if (status.kind === 'done') entries = recorded(entries, now, 'mergedBack', `${report.tag} is in ${branch}`)
    if (status.kind === 'person') entries = recorded(entries, now, 'mergeWaits', status.reason)
    if (status.kind === 'stopped')
      entries = recorded(entries, now, 'mergeStopped', `${branch} does not get ${report.tag}: ${stopped ?? ''}`)
  }
  return settle({ ...state, mergeBack: { ...mergeBack, sequence, targets, stopped, ended }, entries }, now)
}
