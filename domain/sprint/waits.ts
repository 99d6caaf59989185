import { actorName } from '../actor.ts'
import { shortSha } from '../revision.ts'
import { nextTry, type Wait } from '../wait.ts'
import type { RequestReport } from '../environment/report.ts'
import type { RefFact } from './facts.ts'
import { notSignedOff } from './judge.ts'
import { isEnded, movedTag, newestRequest, runsThere, stoppedRequest } from './settle.ts'
import { stepsInLine, type MergeTarget } from '../merge-back/state.ts'
import {
  environmentsFrom,
  isHotfixToTest,
  isOurs,
  isSignedOff,
  wasRolledBack,
  releaseBranchOf,
  replacedBy,
  unconfirmed,
  type SprintState,
} from './state.ts'

/** Everything this sprint waits for, each with its reason. Empty only at its end. */
export function sprintWaits(state: SprintState): Wait[] {
  switch (state.phase) {
    case 'finished':
    case 'aborted':
      return []
    case 'integrating':
      return [...builds(state.facts.develop), ...requests(state, 'develop'), ...integrating(state)]
    case 'stabilising':
      return [...alarms(state), ...stabilisation(state)]
    case 'releasing':
      return [...alarms(state), ...requests(state, 'tag'), ...releasing(state)]
    case 'live':
      return [...alarms(state), ...live(state)]
    case 'hotfixing':
      return [...alarms(state), ...hotfixing(state)]
    case 'rolledBack':
      return [...alarms(state), ...rolledBack(state)]
    case 'mergingBack':
      return [...alarms(state), ...mergingBack(state)]
    default:
      return state.phase satisfies never
  }
}

function live(state: SprintState): Wait[] {
  const { release, since, settings } = state
  if (release === null) return []
  const missing = unconfirmed(state, release)
  if (missing.length > 0) {
    return missing.map((environment) => {
      const younger = replacedBy(state, release.tag, environment)
      if (younger !== null && state.live?.assumed === true) {
        const detail = `${state.version} is open again, and ${younger.tag} runs on ${environment}; a hotfix is cut, or the sprint is aborted`
        return { kind: 'hotfix', detail, since, environment }
      }
      const detail =
        younger === null
          ? `${release.tag} is live on ${environment}; QA confirms it there, or the release manager goes back`
          : `${younger.tag} took the place of ${release.tag} on ${environment}; QA confirms that there`
      return { kind: 'signOff', detail, since, environment }
    })
  }
  const { develop, master } = settings.branches
  const detail = `${release.tag} is live and confirmed; the release manager finishes the sprint: it is merged back into ${develop} and ${master}`
  return [{ kind: 'finish', detail, since }]
}

function hotfixing(state: SprintState): Wait[] {
  const { release, hotfix, since } = state
  if (isHotfixToTest(state) || state.facts.release === null) return stabilisation(state)
  const detail =
    hotfix === null
      ? `${releaseBranchOf(state)} has no commit after ${release?.tag ?? state.version}; a hotfix that is merged into it goes on`
      : `${hotfix} is not merged into ${releaseBranchOf(state)} yet; its developer merges it`
  return [{ kind: 'hotfix', detail, since }]
}

function rolledBack(state: SprintState): Wait[] {
  const { release, since } = state
  const where = environmentsFrom(state, 'tag').flatMap((environment) => {
    const current = state.environments[environment]?.current
    return current?.rollback === undefined ? [] : [`${environment} runs ${current.tag} again`]
  })
  const detail = `${release?.tag ?? state.version} was rolled back (${where.join(', ')}); a hotfix goes on, or the same tag asked for again`
  return [{ kind: 'rolledBack', detail, since }, ...requests(state, 'release')]
}

function mergingBack(state: SprintState): Wait[] {
  const { mergeBack, since } = state
  if (mergeBack === null || mergeBack.targets.length === 0) {
    return [{ kind: 'mergeBack', detail: `${mergeBack?.tag ?? state.version} is about to be merged back`, since }]
  }
  if (mergeBack.ended) {
    const detail = `the merge-back of ${mergeBack.tag} ended before it was done: ${mergeBack.stopped ?? ''}; slipway finish ${state.version} goes on`
    return [{ kind: 'mergeBack', detail, since }]
  }
  return mergeBack.targets.flatMap((target): Wait[] => mergeWait(mergeBack.tag, target))
}

function mergeWait(tag: string, { branch, status, since, refused }: MergeTarget): Wait[] {
  switch (status.kind) {
    case 'done':
    case 'stopped':
      return []
    case 'open':
      return [{ kind: 'mergeBack', detail: `${tag} is being merged into ${branch}`, since }]
    case 'retry':
      return [
        {
          kind: 'retry',
          detail: `${tag} cannot be merged into ${branch} yet and is tried again: ${status.reason}`,
          since,
          ...nextTry(status),
        },
      ]
    case 'person': {
      const by = status.mergeRequest === null ? '' : ` Merge request: ${status.mergeRequest.url}.`
      const steps = status.steps.length === 0 ? '' : ` A person merges it: ${stepsInLine(status.steps)}`
      const word = refused === undefined || status.why === 'failed' ? '' : ` What was said last did not hold: ${refused}.`
      return [{ kind: 'mergeBack', detail: `${status.reason}.${word}${by}${steps}`, since }]
    }
    default:
      return status satisfies never
  }
}

/** The loop of bugfixes until a candidate is signed off and tagged. */
function stabilisation(state: SprintState): Wait[] {
  return [
    ...builds(state.facts.release),
    ...builds(state.facts.tags.at(-1) ?? null),
    ...requests(state, 'release'),
    // Of several environments one may have ended the release while another still waits for its approval.
    ...requests(state, 'tag').filter((wait) => wait.kind !== 'parked'),
    ...stabilising(state),
    ...endedReleases(state),
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
  const newest = state.facts.tags.at(-1)
  // What was live already says nothing of what comes next.
  const pushed = newest?.name === state.live?.tag ? undefined : newest
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
    if (current?.revision !== release.revision || !isOurs(state, environment)) return notThere(state, release, environment)
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
  if (state.releaseWas === null) return 'pushing it again goes on'
  return `git push <remote> ${state.releaseWas}:refs/heads/${releaseBranchOf(state)} goes on`
}

/** The release branch's candidate is not what runs there, and no open request says why. */
function notThere(state: SprintState, release: RefFact, environment: string): Wait[] {
  const newest = newestRequest(state, release.imageTag, environment)
  const current = state.environments[environment]?.current ?? null
  if (newest === undefined && wasRolledBack(state, environment)) {
    const by = current?.rollback === undefined ? '' : ` (${actorName(current.rollback.by)}: ${current.rollback.reason})`
    const detail = `${environment} went back from ${release.imageTag} to ${current?.tag ?? ''}${by}; slipway retry ${environment} asks for it again, or a bugfix goes on`
    return [{ kind: 'rolledBack', detail, since: current?.since ?? release.since, environment }]
  }
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
  if (newest === undefined || newest.name === state.live?.tag) return []
  const release = { tag: newest.name, revision: newest.revision }
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
              ...nextTry(fact.build),
            },
          ]
    case 'failed':
      return [
        {
          kind: 'build',
          detail: `${fact.imageTag} could not be built: ${oneLine(fact.build.reason)}; ${isTag(fact) ? '' : 'push a fix or '}slipway retry`,
          since: fact.since,
        },
      ]
    default:
      return fact.build satisfies never
  }
}

/** A git tag is its own image tag, and no push mends what it names. */
function isTag({ name, imageTag }: RefFact): boolean {
  return name === imageTag
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
        request.hold !== undefined
          ? { kind: request.heldBy ?? 'reserved', detail: `${request.tag} waits: ${environment} is ${request.hold}`, ...common }
          : request.reason === null
            ? { kind: 'queue', detail: `${request.tag} waits for ${environment}`, ...common }
            : {
                kind: 'retry',
                detail: `${request.tag} cannot be rendered for ${environment} yet and is tried again: ${request.reason}`,
                ...common,
              },
      ]
    case 'held':
      return [
        {
          kind: 'lacks',
          detail: `${request.tag} is held on ${environment}: ${request.hold ?? 'it lacks what runs there'}; merge that into its release branch and tag anew, or override it with a reason`,
          ...common,
          ...(request.hash === null ? {} : { hash: request.hash }),
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
      if (request.hold !== undefined) {
        const detail = `${request.tag} is approved and waits: ${environment} is ${request.hold}`
        return [{ kind: request.heldBy ?? 'reserved', detail, ...common }]
      }
      return [
        {
          kind: 'queue',
          detail: `${request.tag} is approved and waits for ${environment}${request.reason === null ? '' : `: ${request.reason}`}`,
          ...common,
        },
      ]
    case 'deploying':
      if (request.halt !== undefined) {
        const detail = `${request.tag} stands still on ${environment}: ${request.halt}; slipway resolve ${environment} decides`
        return [{ kind: 'parked', detail, ...common }]
      }
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
    case 'vetoed':
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
