import type { Actor } from '../actor.ts'
import { cut } from '../cut.ts'
import type { Revision } from '../revision.ts'
import { shortSha } from '../revision.ts'
import { recorded } from '../timeline.ts'
import { newTarget, type MergeBackState, type MergeTarget } from './state.ts'

/** What the attempt to merge into a branch gave; the git activity's MergeResult. */
export type Merged =
  | { readonly outcome: 'contained'; readonly how: 'merge' | 'squash' | 'person'; readonly tip: Revision }
  | { readonly outcome: 'merged'; readonly tip: Revision }
  | { readonly outcome: 'conflict'; readonly files: readonly string[]; readonly branch: string; readonly steps: readonly string[] }
  | { readonly outcome: 'protected'; readonly reason: string; readonly branch: string; readonly steps: readonly string[] }
  | { readonly outcome: 'absent' }

type MergeRequest = { readonly number: number; readonly url: string }

const MOST_TARGETS = 20
const LONGEST_REASON = 500
const LONGEST_STEP = 300

export function absorbMerge(state: MergeBackState, branch: string, merged: Merged, now: number): MergeBackState {
  const known = state.targets.find((target) => target.branch === branch)
  if (known === undefined) return state
  // Stopped while it was under way: what was pushed all the same is there, anything else is over.
  if (state.stopped !== null && merged.outcome !== 'merged' && merged.outcome !== 'contained') return state
  const status = statusOf(state, known, merged)
  const text = sentence(state, branch, status)
  const isNews =
    known.status.kind !== status.kind || (status.kind === 'person' && known.status.kind === 'person' && known.status.why !== status.why)
  const entries = isNews ? recorded(state.entries, now, status.kind === 'done' ? 'merged' : 'waits', text) : state.entries
  return setStatus({ ...state, entries }, branch, status, now)
}

export function absorbMergeRequest(state: MergeBackState, branch: string, mergeRequest: MergeRequest, now: number): MergeBackState {
  const status = state.targets.find((target) => target.branch === branch)?.status
  if (status?.kind !== 'person') return state
  const entries = recorded(state.entries, now, 'mergeRequest', `merge request ${mergeRequest.number} for ${branch}: ${mergeRequest.url}`)
  return setStatus({ ...state, entries }, branch, { ...status, mergeRequest }, now)
}

/** The forge did not help: the branch and its steps are there all the same. */
export function absorbNoRequest(state: MergeBackState, branch: string, why: string, now: number): MergeBackState {
  const status = state.targets.find((target) => target.branch === branch)?.status
  if (status?.kind !== 'person') return state
  return setStatus(state, branch, { ...status, reason: cut(`${status.reason}; ${why}`, LONGEST_REASON) }, now)
}

/** It cannot be done as things are: a person has to mend that. */
export function absorbFailure(state: MergeBackState, branch: string, reason: string, now: number): MergeBackState {
  if (state.stopped !== null) return state
  const entries = recorded(state.entries, now, 'failed', `${branch}: ${reason}`)
  const status = {
    kind: 'person',
    why: 'failed',
    reason: cut(reason, LONGEST_REASON),
    steps: [],
    branch: null,
    mergeRequest: null,
  } as const
  return setStatus({ ...refusedWord(state, branch, reason), entries }, branch, status, now)
}

export function absorbRetry(
  state: MergeBackState,
  branch: string,
  retry: { readonly reason: string; readonly at?: number } | null,
  now: number,
): MergeBackState {
  const status = state.targets.find((target) => target.branch === branch)?.status
  if (retry === null || (status?.kind !== 'open' && status?.kind !== 'retry')) return state
  const { reason, at } = retry
  return setStatus(
    state,
    branch,
    { kind: 'retry', reason: cut(reason, LONGEST_REASON), ...(at === undefined ? {} : { nextTryAt: at }) },
    now,
  )
}

/** The release branches of younger open sprints as they are now: one that was cut gets it, too; one that is gone does not. */
export function absorbYounger(state: MergeBackState, branches: readonly string[], now: number): MergeBackState {
  if (state.stopped !== null) return state
  const kept = state.targets.filter(({ branch, younger, status }) => !younger || status.kind === 'done' || branches.includes(branch))
  const missing = branches.filter((branch) => !kept.some((target) => target.branch === branch))
  if (missing.length === 0 && kept.length === state.targets.length) return state
  return { ...state, targets: [...kept, ...missing.map((branch) => newTarget(branch, true, now))].slice(0, MOST_TARGETS) }
}

/** A rollback or a hotfix: what is not pushed yet is not pushed any more, and what is there stays. */
export function stop(state: MergeBackState, reason: string, now: number): MergeBackState {
  if (state.stopped !== null) return state
  const targets = state.targets.map((target) =>
    target.status.kind === 'done' ? target : { ...target, status: { kind: 'stopped' } as const, since: now },
  )
  return { ...state, targets, stopped: reason, entries: recorded(state.entries, now, 'stopped', reason) }
}

export function sayMergedAs(state: MergeBackState, branch: string, revision: Revision, by: Actor, now: number): MergeBackState {
  if (state.stopped !== null) return state
  const targets = state.targets.map((target) =>
    target.branch === branch && target.status.kind !== 'done'
      ? { branch, younger: target.younger, mergedAs: revision, status: { kind: 'open' } as const, since: now }
      : target,
  )
  return { ...state, targets, entries: recorded(state.entries, now, 'said', `${branch} has it as ${shortSha(revision)}`, by) }
}

/** What a person said and what is not so stays in sight until somebody says something else. */
function refusedWord(state: MergeBackState, branch: string, reason: string): MergeBackState {
  const targets = state.targets.map((target) =>
    target.branch === branch && target.mergedAs !== null ? { ...target, mergedAs: null, refused: cut(reason, LONGEST_REASON) } : target,
  )
  return { ...state, targets }
}

function statusOf(state: MergeBackState, known: MergeTarget, merged: Merged): MergeTarget['status'] {
  const mergeRequest = known.status.kind === 'person' ? known.status.mergeRequest : null
  switch (merged.outcome) {
    case 'merged':
      return { kind: 'done', how: 'merged', tip: merged.tip }
    case 'contained':
      return { kind: 'done', how: merged.how, tip: merged.tip }
    case 'conflict': {
      const files = merged.files.slice(0, 5).join(', ')
      const more = merged.files.length > 5 ? ` and ${merged.files.length - 5} more` : ''
      const reason = `${state.tag} conflicts with ${known.branch} in ${files}${more}`
      return {
        kind: 'person',
        why: 'conflict',
        reason: cut(reason, LONGEST_REASON),
        steps: stepsOf(merged.steps),
        branch: merged.branch,
        mergeRequest,
      }
    }
    case 'protected': {
      const reason = `${known.branch} takes no push from Slipway: ${merged.reason}`
      return {
        kind: 'person',
        why: 'protected',
        reason: cut(reason, LONGEST_REASON),
        steps: stepsOf(merged.steps),
        branch: merged.branch,
        mergeRequest,
      }
    }
    case 'absent': {
      // Making a younger release branch from this release would throw away what was on it.
      const steps = known.younger ? [] : [`git push <remote> ${state.revision}:refs/heads/${known.branch}`]
      return { kind: 'person', why: 'absent', reason: `the remote has no branch ${known.branch}`, steps, branch: null, mergeRequest: null }
    }
    default:
      return merged satisfies never
  }
}

function stepsOf(steps: readonly string[]): string[] {
  return steps.slice(0, 10).map((step) => cut(step, LONGEST_STEP))
}

function sentence(state: MergeBackState, branch: string, status: MergeTarget['status']): string {
  switch (status.kind) {
    case 'done':
      return status.how === 'merged'
        ? `${state.tag} was merged into ${branch} as ${shortSha(status.tip)}`
        : `${branch} has ${state.tag} (${{ merge: 'merged', squash: 'squashed', person: 'as a person says' }[status.how]})`
    case 'person':
      return status.reason
    default:
      return `${branch}: ${status.kind}`
  }
}

function setStatus(state: MergeBackState, branch: string, status: MergeTarget['status'], now: number): MergeBackState {
  const since = (target: MergeTarget) => (target.status.kind === status.kind ? target.since : now)
  const targets = state.targets.map((target) => (target.branch === branch ? { ...target, status, since: since(target) } : target))
  return { ...state, targets }
}
