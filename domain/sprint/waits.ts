import { shortSha } from '../revision.ts'
import type { Wait } from '../wait.ts'
import type { RequestReport } from '../environment/report.ts'
import type { RefFact } from './facts.ts'
import { notSignedOff } from './judge.ts'
import { isEnded, movedTag, newestRequest, runsThere, stoppedRequest } from './settle.ts'
import { environmentsFrom, isSignedOff, releaseBranchOf, type SprintState } from './state.ts'

/** Everything this sprint waits for, each with its reason. Empty only at its end. */
export function sprintWaits(state: SprintState): Wait[] {
  switch (state.phase) {
    case 'aborted':
      return []
    case 'integrating':
      return [...builds(state.facts.develop), ...requests(state, 'develop'), ...integrating(state)]
    case 'stabilising':
      return [
        ...alarms(state),
        ...builds(state.facts.release),
        ...builds(state.facts.tags.at(-1) ?? null),
        ...requests(state, 'release'),
        // Of several environments one may have ended the release while another still waits for its approval.
        ...requests(state, 'tag').filter((wait) => wait.kind !== 'parked'),
        ...stabilising(state),
        ...endedReleases(state),
      ]
    case 'releasing':
      return [...alarms(state), ...requests(state, 'tag'), ...releasing(state)]
    case 'live':
      return live(state)
    default:
      return state.phase satisfies never
  }
}

function live(state: SprintState): Wait[] {
  const { release, since } = state
  const newest = state.facts.tags.at(-1)
  const finish: Wait = {
    kind: 'finish',
    detail: `${release?.tag ?? state.version} is live; merging it back into ${state.settings.branches.develop} and ${state.settings.branches.master} is done by hand`,
    since,
  }
  if (newest === undefined || newest.name === release?.tag) return [finish]
  return [
    {
      kind: 'tag',
      detail: `${newest.name} was pushed while ${release?.tag ?? state.version} is live; it is built and goes no further: hotfixes of a live sprint are not deployed yet`,
      since: newest.since,
    },
    finish,
  ]
}

function integrating(state: SprintState): Wait[] {
  const { develop } = state.settings.branches
  const missing = state.features.filter((feature) => feature.merged === null)
  if (missing.length > 0) {
    return missing.map((feature) => ({
      kind: 'feature',
      detail: `${feature.branch} is not in ${develop} yet; its developer merges it`,
      since: feature.since,
    }))
  }
  if (state.facts.develop === null)
    return [{ kind: 'remote', detail: `${develop} has not been seen on the remote yet`, since: state.since }]
  return [{ kind: 'cut', detail: `${releaseBranchOf(state)} is not cut yet; the release manager cuts it`, since: state.since }]
}

function stabilising(state: SprintState): Wait[] {
  const { release } = state.facts
  if (release === null)
    return [{ kind: 'remote', detail: `${releaseBranchOf(state)} is gone from the remote; ${restoring(state)}`, since: state.since }]
  if (release.build.status !== 'built') return []
  const pushed = state.facts.tags.at(-1)
  if (pushed !== undefined && !isSignedOff(state, pushed.revision)) {
    const wrong =
      pushed.revision === release.revision
        ? ''
        : `; ${release.name} is elsewhere: git push <remote> --delete ${pushed.name} takes a wrong tag back`
    return [{ kind: 'signOff', detail: `${pushed.name} waits: ${notSignedOff(state, pushed.revision)}${wrong}`, since: pushed.since }]
  }
  if (isSignedOff(state, release.revision)) {
    return pushed?.revision === release.revision
      ? []
      : [{ kind: 'tag', detail: `${release.imageTag} is signed off; the release manager tags it`, since: state.since }]
  }
  return environmentsFrom(state, 'release').flatMap((environment): Wait[] => {
    const current = state.environments[environment]?.current
    if (current?.revision !== release.revision) return notThere(state, release, environment)
    const refused = current.signOff?.verdict === 'fail'
    return [
      refused
        ? {
            kind: 'bugfix',
            detail: `QA found ${current.tag} not good on ${environment}; a bugfix pushed to ${release.name} goes on`,
            since: current.signOff?.at ?? current.since,
            environment,
          }
        : { kind: 'signOff', detail: `${current.tag} runs on ${environment}; QA signs it off or not`, since: current.since, environment },
    ]
  })
}

/** The push that brings a deleted release branch back, where what it was at is known. */
function restoring(state: SprintState): string {
  const last = environmentsFrom(state, 'release').flatMap((environment) => state.asked[environment] ?? [])[0]
  if (last === undefined) return 'pushing it again goes on'
  return `git push <remote> ${last.revision}:refs/heads/${releaseBranchOf(state)} goes on`
}

/** The release branch's candidate is not what runs there, and no open request says why. */
function notThere(state: SprintState, release: RefFact, environment: string): Wait[] {
  const newest = newestRequest(state, release.imageTag, environment)
  if (newest === undefined) return [asked(environment, release.imageTag, release.since)]
  return newest.stage === 'parked' || !isEnded(newest) ? [] : [ended(environment, newest)]
}

function releasing(state: SprintState): Wait[] {
  const { release } = state
  if (release === null) return []
  const fact = state.facts.tags.find((tag) => tag.name === release.tag && tag.revision === release.revision)
  return environmentsFrom(state, 'tag').flatMap((environment): Wait[] => {
    if (runsThere(state, release, environment) || newestRequest(state, release.tag, environment) !== undefined) return []
    if (state.asked[environment]?.tag === release.tag) return [asked(environment, release.tag, state.since)]
    if (fact === undefined)
      return [{ kind: 'tag', detail: `${release.tag} is gone from the remote; pushing it again goes on`, since: state.since }]
    return builds(fact)
  })
}

/** A release that was rejected or failed stays visible with what can be done. */
function endedReleases(state: SprintState): Wait[] {
  const newest = state.facts.tags.at(-1)
  const release = state.release ?? (newest === undefined ? null : { tag: newest.name, revision: newest.revision })
  if (release === null) return []
  return environmentsFrom(state, 'tag').flatMap((environment) => {
    const request = stoppedRequest(state, release, environment)
    return request === null ? [] : [ended(environment, request)]
  })
}

function asked(environment: string, tag: string, since: number): Wait {
  return { kind: 'deployment', detail: `${environment} has been asked for ${tag}`, since, environment }
}

function ended(environment: string, request: RequestReport): Wait {
  return {
    kind: 'parked',
    detail: `${request.tag} did not reach ${environment} (${request.stage}): ${request.reason ?? ''}`,
    since: request.since,
    environment,
    request: request.id,
  }
}

function alarms(state: SprintState): Wait[] {
  const moved = movedTag(state)
  if (moved === null) return []
  const what = moved.to === null ? 'was deleted' : `was moved to ${shortSha(moved.to)}`
  return [
    {
      kind: 'tag',
      detail: `alarm: ${moved.tag} was asked for at ${shortSha(moved.from)} and ${what}; put it back: git push --force <remote> ${moved.from}:refs/tags/${moved.tag}`,
      since: state.since,
    },
  ]
}

function builds(fact: RefFact | null): Wait[] {
  if (fact === null) return []
  switch (fact.build.status) {
    case 'built':
      return []
    case 'waiting':
    case 'building':
      return fact.build.retry === undefined
        ? [{ kind: 'build', detail: `the images of ${fact.imageTag} are being built`, since: fact.since }]
        : [
            {
              kind: 'retry',
              detail: `the images of ${fact.imageTag} cannot be named yet, and it is tried again: ${fact.build.retry}`,
              since: fact.since,
            },
          ]
    case 'failed':
      return [
        {
          kind: 'build',
          detail: `${fact.imageTag} could not be built: ${oneLine(fact.build.reason)}; push a fix or slipway retry`,
          since: fact.since,
        },
      ]
    default:
      return fact.build satisfies never
  }
}

function requestsOf(state: SprintState, environment: string): readonly RequestReport[] {
  return state.environments[environment]?.requests ?? []
}

function requests(state: SprintState, from: 'develop' | 'release' | 'tag'): Wait[] {
  return environmentsFrom(state, from).flatMap((environment) =>
    requestsOf(state, environment).flatMap((request) => requestWait(environment, request)),
  )
}

function requestWait(environment: string, request: RequestReport): Wait[] {
  const common = { since: request.since, environment, request: request.id }
  switch (request.stage) {
    case 'queued':
    case 'preparing':
      return [
        request.reason === null
          ? { kind: 'queue', detail: `${request.tag} waits for ${environment}`, ...common }
          : {
              kind: 'retry',
              detail: `${request.tag} cannot be rendered for ${environment} yet and is tried again: ${request.reason}`,
              ...common,
            },
      ]
    case 'awaitingApproval':
      return [
        {
          kind: 'approval',
          detail: `${request.tag} waits for approval on ${environment}`,
          ...common,
          ...(request.hash === null ? {} : { hash: request.hash }),
        },
      ]
    case 'approved':
      return [
        {
          kind: 'queue',
          detail: `${request.tag} is approved and waits for ${environment}${request.reason === null ? '' : `: ${request.reason}`}`,
          ...common,
        },
      ]
    case 'deploying':
      return request.reason === null
        ? [{ kind: 'deployment', detail: `${request.tag} is being deployed to ${environment}`, ...common }]
        : [
            {
              kind: 'retry',
              detail: `${request.tag} cannot be deployed to ${environment} yet and is tried again: ${request.reason}`,
              ...common,
            },
          ]
    case 'parked':
      return [
        {
          kind: 'parked',
          detail: `${request.tag} failed on ${environment}: ${request.reason ?? ''}; slipway retry ${environment}`,
          ...common,
        },
      ]
    case 'rejected':
    case 'superseded':
    case 'older':
    case 'failed':
    case 'restored':
    case 'aborted':
      return []
    default:
      return request.stage satisfies never
  }
}

/** A failure's last lines, read as one sentence. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' | ')
}
