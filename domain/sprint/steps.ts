import type { Candidate } from '../candidate.ts'
import type { RefFact } from './facts.ts'
import { claimOf } from './claim.ts'
import { newestRequest } from './settle.ts'
import { environmentsFrom, isSignedOff, type SprintState } from './state.ts'

/** What the sprint should ask for next: a candidate in an environment. */
export type SprintStep = {
  readonly kind: 'ask'
  readonly environment: string
  readonly id: string
  readonly tag: string
  readonly candidate: Candidate
  readonly rewritten: boolean
}

/** Derived from the state alone. A release branch feeds its environments in every phase but the ends. */
export function sprintSteps(state: SprintState): SprintStep[] {
  switch (state.phase) {
    case 'integrating':
    case 'finished':
    case 'aborted':
      return []
    case 'stabilising':
    case 'live':
    case 'hotfixing':
    case 'rolledBack':
    case 'mergingBack':
      return releaseSteps(state)
    case 'releasing':
      return [...releaseSteps(state), ...tagSteps(state)]
    default:
      return state.phase satisfies never
  }
}

function releaseSteps(state: SprintState): SprintStep[] {
  return state.facts.release === null ? [] : ask(state, state.facts.release, environmentsFrom(state, 'release'))
}

function tagSteps(state: SprintState): SprintStep[] {
  const release = state.facts.tags.find((tag) => tag.name === state.release?.tag && tag.revision === state.release.revision)
  return release === undefined ? [] : ask(state, release, environmentsFrom(state, 'tag'))
}

function ask(state: SprintState, fact: RefFact, environments: readonly string[]): SprintStep[] {
  const { build, imageTag } = fact
  if (build.status !== 'built') return []
  return environments
    .filter((environment) => state.asked[environment]?.tag !== imageTag || isDisplaced(state, fact, environment))
    .map((environment) => ({
      kind: 'ask',
      environment,
      id: imageTag,
      tag: imageTag,
      candidate: build.candidate,
      rewritten: fact.rewrittenAt === fact.since,
    }))
}

/** Another sprint had the environment meanwhile, and QA still has to see what this one needs signed off. */
function isDisplaced(state: SprintState, fact: RefFact, environment: string): boolean {
  const current = state.environments[environment]?.current ?? null
  const ran = state.asked[environment]?.verified === true && newestRequest(state, fact.imageTag, environment) === undefined
  return ran && current !== null && current.version !== state.version && claimOf(state) !== null && !isSignedOff(state, fact.revision)
}

export function markAsked(state: SprintState, step: SprintStep, now: number): SprintState {
  const asked = { id: step.id, revision: step.candidate.revision, tag: step.tag, at: now }
  return { ...state, asked: { ...state.asked, [step.environment]: asked } }
}
