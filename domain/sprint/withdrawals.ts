import type { RequestReport } from '../environment/report.ts'
import { shortSha } from '../revision.ts'
import { movedTag } from './settle.ts'
import { environmentsFrom, isSignedOff, type SprintState } from './state.ts'

/** A request that must not be deployed any more, though it may still wait for an approval. */
export type Withdrawal = {
  readonly environment: string
  readonly request: string
  readonly tag: string
  readonly reason: string
  /** False when the sprint has ended. */
  readonly mayReturn: boolean
}

/** What an aborted sprint asked for, and a tag that does not name what was asked for any more, are taken back. */
export function withdrawals(state: SprintState): Withdrawal[] {
  if (state.phase === 'aborted') {
    const reason = `the sprint ${state.version} was aborted`
    return Object.entries(state.asked).flatMap(([environment, asked]) => {
      const known = waiting(state, environment)
      const newest = known.some(({ id }) => id === asked.id)
        ? []
        : [{ environment, request: asked.id, tag: asked.tag, reason, mayReturn: false }]
      return [...known.map(({ id, tag }) => ({ environment, request: id, tag, reason, mayReturn: false })), ...newest]
    })
  }
  return [...movedTags(state), ...notSignedOffAnyMore(state)]
}

/** QA took its word back, or gave it to a revision that is gone: what waits for an approval must not be approved. */
function notSignedOffAnyMore(state: SprintState): Withdrawal[] {
  return environmentsFrom(state, 'tag').flatMap((environment) =>
    waiting(state, environment)
      // What was live is signed off, whoever remembers that.
      .filter(({ revision }) => revision !== null && revision !== state.live?.revision && !isSignedOff(state, revision))
      .map(({ id, tag }) => ({ environment, request: id, tag, reason: `${tag} is not signed off any more`, mayReturn: true })),
  )
}

function movedTags(state: SprintState): Withdrawal[] {
  const moved = movedTag(state)
  if (moved === null) return []
  const what = moved.to === null ? 'was deleted' : `names ${shortSha(moved.to)} now, not ${shortSha(moved.from)}`
  return environmentsFrom(state, 'tag').flatMap((environment) =>
    waiting(state, environment)
      .filter(({ tag }) => tag === moved.tag)
      .map(({ id, tag }) => ({ environment, request: id, tag, reason: `the tag ${tag} ${what}`, mayReturn: true })),
  )
}

/** What was asked for there and does not run yet. What runs already is not torn away. */
function waiting(state: SprintState, environment: string): RequestReport[] {
  return (state.environments[environment]?.requests ?? []).filter(({ stage }) =>
    ['queued', 'preparing', 'awaitingApproval', 'approved'].includes(stage),
  )
}
