import type { RequestReport } from '../environment/report.ts'
import { unwrap } from '../parsed.ts'
import { formatVersion, nextVersion, parseVersion } from '../version.ts'
import { environmentsFrom, isHotfixToTest, isOurs, isSignedOff, replacedBy, unconfirmed, wasRolledBack, type SprintState } from './state.ts'
import { newestRequest, stoppedRequest } from './settle.ts'

/** The commands that bring this sprint on from where it stands, the most likely first. Never empty before the end. */
export function nextCommands(state: SprintState): string[] {
  const { version } = state
  switch (state.phase) {
    case 'integrating': {
      const missing = state.features.filter((feature) => feature.merged === null)
      return missing.length === 0
        ? [`slipway cut ${version}`, `slipway feature add BRANCH`, `slipway abort ${version} --reason …`]
        : [
            ...missing.slice(0, 3).map((feature) => `slipway feature merged ${feature.branch}`),
            `slipway cut ${version} --without ${missing[0]?.branch ?? ''}`,
            `slipway abort ${version} --reason …`,
          ]
    }
    case 'stabilising':
      return [...stabilising(state), `slipway abort ${version} --reason …`]
    case 'releasing':
      return [
        ...environmentsFrom(state, 'tag').flatMap((environment) => {
          const request = state.release === null ? undefined : newestRequest(state, state.release.tag, environment)
          return request?.stage === 'awaitingApproval'
            ? [`slipway approve ${environment}`, `slipway reject ${environment} --reason …`]
            : [`slipway env ${environment}`]
        }),
        `slipway abort ${version} --reason …`,
      ]
    case 'live':
      return live(state)
    case 'hotfixing':
      return hotfixing(state)
    case 'rolledBack':
      return [
        ...environmentsFrom(state, 'tag').map((environment) => `slipway retry ${environment}`),
        `slipway hotfix ${version}`,
        `slipway abort ${version} --reason …`,
      ]
    case 'mergingBack':
      return mergingBack(state)
    case 'finished':
      return [`slipway start ${following(version)}`, `slipway hotfix ${version}`]
    case 'aborted':
      return [`slipway start ${following(version)}`]
    default:
      return state.phase satisfies never
  }
}

function live(state: SprintState): string[] {
  const { version, release } = state
  const missing = release === null ? [] : unconfirmed(state, release)
  return [
    ...(missing.length > 0
      ? toConfirm(state, missing).map((environment) => `slipway signoff ${environment} --pass`)
      : [`slipway finish ${version}`]),
    ...environmentsFrom(state, 'tag').map((environment) => `slipway rollback ${environment} --reason …`),
    `slipway hotfix ${version}`,
    `slipway abort ${version} --reason …`,
  ]
}

/** Where QA's word would count for this sprint. */
function toConfirm({ live: known, ...state }: SprintState, missing: readonly string[]): string[] {
  if (known?.assumed !== true) return [...missing]
  return missing.filter((environment) => replacedBy({ ...state, live: known }, known.tag, environment) === null)
}

/** Without a commit after the release there is nothing to test: the branch waits to be merged, or it was a mistake. */
function hotfixing(state: SprintState): string[] {
  const { version } = state
  const goOn = isHotfixToTest(state) ? stabilising(state) : [`slipway status ${version} --watch`, `slipway finish ${version}`]
  return [...goOn, ...(state.hotfix === null ? [`slipway hotfix ${version}`] : []), `slipway abort ${version} --reason …`]
}

function mergingBack(state: SprintState): string[] {
  const { version, mergeBack } = state
  const waiting = (mergeBack?.targets ?? []).filter(({ status }) => status.kind === 'person')
  return [
    ...(mergeBack?.ended === true ? [`slipway finish ${version}`] : []),
    ...waiting.map(({ branch }) => `slipway finish ${version} --target ${branch} --merged-as SHA`),
    `slipway status ${version}`,
    `slipway hotfix ${version}`,
    `slipway abort ${version} --reason …`,
  ]
}

/** The next sprint usually takes the next minor version. */
function following(version: string): string {
  return formatVersion(nextVersion(unwrap(parseVersion(version))))
}

const RETRIABLE: ReadonlySet<RequestReport['stage']> = new Set(['parked', 'older', 'vetoed', 'failed', 'restored'])

function stabilising(state: SprintState): string[] {
  const { release } = state.facts
  if (release === null) return [`slipway status ${state.version}`]
  if (release.build.status === 'failed') return ['slipway retry', `slipway logs ${release.imageTag}`]
  if (isSignedOff(state, release.revision)) {
    const tag = state.facts.tags.at(-1)
    if (tag?.revision !== release.revision) return [`slipway tag ${state.version}`]
    if (tag.build.status === 'failed') return ['slipway retry', `slipway logs ${tag.imageTag}`]
    const ended = environmentsFrom(state, 'tag').filter((environment) => {
      return stoppedRequest(state, { tag: tag.name, revision: tag.revision }, environment) !== null
    })
    return ended.map((environment) => `slipway retry ${environment}`)
  }
  return environmentsFrom(state, 'release').flatMap((environment) => {
    const report = state.environments[environment]
    if (report?.current?.revision === release.revision && isOurs(state, environment))
      return [`slipway signoff ${environment} --pass`, `slipway signoff ${environment} --fail -m …`]
    if (wasRolledBack(state, environment)) return [`slipway retry ${environment}`]
    return RETRIABLE.has(report?.requests.at(-1)?.stage ?? 'queued') ? [`slipway retry ${environment}`] : [`slipway env ${environment}`]
  })
}
