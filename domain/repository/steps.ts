import type { Candidate } from '../candidate.ts'
import { imageTagOf } from '../image-tag.ts'
import { classifyRef } from '../ref-rules.ts'
import type { Revision } from '../revision.ts'
import type { ProjectSettings } from '../settings.ts'
import { isFollowed } from './followed.ts'
import { buildOf, type RepositoryState, type TrackedRef } from './state.ts'

/** What the repository should do next. Derived from the state alone, so that doing it twice does no harm. */
export type RepositoryStep =
  | { readonly kind: 'build'; readonly revision: Revision; readonly ref: string }
  | {
      readonly kind: 'name'
      readonly ref: string
      readonly revision: Revision
      readonly candidate: Candidate
      readonly tag: string
      readonly move: boolean
    }
  | {
      readonly kind: 'handOver'
      readonly environment: string
      readonly ref: string
      readonly candidate: Candidate
      readonly tag: string
      readonly rewritten: boolean
    }

export function repositorySteps(state: RepositoryState): RepositoryStep[] {
  const { settings } = state
  if (settings === null) return []
  const served = state.refs.filter((tracked) => tracked.wanted && tracked.problem === null)
  return [...buildSteps(state, settings, served), ...served.flatMap((tracked) => refSteps(state, settings, tracked))]
}

/** One build runs for a ref at a time: what is pushed meanwhile waits, and only the newest of it is built. */
function buildSteps(state: RepositoryState, settings: ProjectSettings, served: readonly TrackedRef[]): RepositoryStep[] {
  const wanted = new Map<Revision, string>()
  for (const tracked of served) {
    // What is named was built; it is built again only for somebody who needs its digests.
    if (tracked.named && !isFollowed(state, settings.branches, tracked.ref)) continue
    if (buildOf(state, tracked.revision) === undefined && !isBusy(state, tracked) && !wanted.has(tracked.revision)) {
      wanted.set(tracked.revision, tracked.ref)
    }
  }
  return [...wanted].map(([revision, ref]) => ({ kind: 'build', revision, ref }))
}

function isBusy(state: RepositoryState, tracked: TrackedRef): boolean {
  return state.builds.some((build) => build.status === 'building' && build.ref === tracked.ref)
}

function refSteps(state: RepositoryState, settings: ProjectSettings, tracked: TrackedRef): RepositoryStep[] {
  const build = buildOf(state, tracked.revision)
  const tag = imageTagOf(tracked.ref, tracked.revision)
  if (build?.status !== 'built' || !tag.ok) return []
  const { candidate } = build
  // A branch's image tag holds its revision and may follow a rebuilt image; a git tag's image tag never moves.
  const move = tracked.ref.startsWith('refs/heads/')
  if (!tracked.named) return [{ kind: 'name', ref: tracked.ref, revision: tracked.revision, candidate, tag: tag.value, move }]
  if (classifyRef(tracked.ref, settings.branches)?.kind !== 'develop') return []
  return settings.environments
    .filter((environment) => environment.from === 'develop' && state.handedOver[environment.name] !== tracked.revision)
    .map((environment) => ({
      kind: 'handOver',
      environment: environment.name,
      ref: tracked.ref,
      candidate,
      tag: tag.value,
      rewritten: tracked.rewrittenAt === tracked.since,
    }))
}
