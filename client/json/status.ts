import type { Candidate } from '../../domain/candidate.ts'
import { seenDrift } from '../../domain/environment/drift.ts'
import type { EnvironmentState } from '../../domain/environment/state.ts'
import { imageTagOf } from '../../domain/image-tag.ts'
import { shortRef } from '../../domain/ref-rules.ts'
import type { Revision } from '../../domain/revision.ts'
import type { Release } from '../../domain/sprint/state.ts'
import type { Wait } from '../../domain/wait.ts'
import type { EnvironmentPicture, SprintPicture } from '../picture.ts'
import { adoptCommand } from '../unfollowed.ts'
import { iso } from '../view/duration.ts'
import { environmentStatus, type EnvironmentStatus } from './environment-status.ts'
import { mergeBackStatus, type MergeBackStatus } from './merge-back.ts'
import { nextOf, waitsOf } from './waits.ts'

/** `slipway status --json`; stable, see docs/json.md. Times are ISO 8601 in UTC. */
export type Status = {
  readonly version: string
  readonly phase: string
  readonly since: string
  readonly features: readonly { readonly branch: string; readonly merged: boolean }[]
  readonly candidates: readonly CandidateStatus[]
  readonly environments: readonly {
    readonly name: string
    readonly revision: Revision | null
    readonly tag: string | null
    readonly epoch: number | null
    readonly status: EnvironmentStatus
    readonly since: string | null
    /** True when the newest look at the target found something that is not as it was applied. */
    readonly drifted: boolean
  }[]
  readonly release: { readonly tag: string; readonly revision: Revision } | null
  /** The newest tag of this version that ran on every environment that tags feed. */
  readonly live: { readonly tag: string; readonly revision: Revision } | null
  /** The branch of the hotfix that is under way. */
  readonly hotfix: string | null
  readonly mergeBack: MergeBackStatus | null
  /** Versions on the remote that no sprint follows, with the command that takes each over. */
  readonly unfollowed: readonly { readonly version: string; readonly refs: readonly string[]; readonly command: string }[]
  readonly waitingFor: readonly WaitStatus[]
  readonly next: readonly string[]
}

export type CandidateStatus = {
  readonly revision: Revision
  readonly refs: readonly string[]
  readonly images: Readonly<Record<string, { readonly tags: readonly string[]; readonly digest: string; readonly reused: boolean }>>
}

export type WaitStatus = {
  readonly kind: Wait['kind']
  readonly detail: string
  readonly since: string
  /** When it ends by itself, where that is known. */
  readonly until?: string
  /** When it is tried next. */
  readonly nextTry?: string
  readonly environment?: string
  readonly request?: string
  readonly hash?: string
}

export function composeStatus(picture: SprintPicture): Status {
  const { state } = picture.sprint
  return {
    version: state.version,
    phase: state.phase,
    since: iso(state.since),
    features: state.features.map((feature) => ({ branch: feature.branch, merged: feature.merged !== null })),
    candidates: candidatesOf(picture),
    environments: picture.environments.map(({ settings, view }) => {
      const current = view?.state.current ?? null
      const { status, since } = environmentStatus(view?.state ?? null)
      return {
        name: settings.name,
        revision: current?.snapshot.candidate.revision ?? null,
        tag: current?.tag ?? null,
        epoch: current?.epoch ?? null,
        status,
        since: since === null ? null : iso(since),
        drifted: view !== null && seenDrift(view.state) !== null,
      }
    }),
    release: releaseStatus(state.release),
    live: releaseStatus(state.live),
    hotfix: state.hotfix,
    mergeBack: mergeBackStatus(state.mergeBack),
    unfollowed: picture.unfollowed.map((each) => ({ version: each.version, refs: each.refs, command: adoptCommand(each) })),
    waitingFor: waitsOf(picture).map(waitStatus),
    next: nextOf(picture),
  }
}

function releaseStatus(release: Release | null): Status['release'] {
  return release === null ? null : { tag: release.tag, revision: release.revision }
}

export function waitStatus(wait: Wait): WaitStatus {
  const { kind, detail, since, until, nextTryAt, environment, request, hash } = wait
  return {
    kind,
    detail,
    since: iso(since),
    ...(until === undefined ? {} : { until: iso(until) }),
    ...(nextTryAt === undefined ? {} : { nextTry: iso(nextTryAt) }),
    ...(environment === undefined ? {} : { environment }),
    ...(request === undefined ? {} : { request }),
    ...(hash === undefined ? {} : { hash }),
  }
}

/** The sprint's candidates, newest first: what its refs name, then what its environments hold. */
export function candidatesOf(picture: SprintPicture): CandidateStatus[] {
  const { facts } = picture.sprint.state
  const named = [...facts.tags.toReversed(), facts.release, facts.develop].flatMap((fact) =>
    fact?.build.status === 'built' ? [fact.build.candidate] : [],
  )
  const held = picture.environments.flatMap((environment) => heldCandidates(picture, environment))
  const seen = new Map<Revision, Candidate>()
  for (const candidate of [...named, ...held]) if (!seen.has(candidate.revision)) seen.set(candidate.revision, candidate)
  return [...seen.values()].map((candidate) => candidateStatus(picture, candidate))
}

/** Of this sprint: what it asked for itself, and while it integrates what develop feeds. */
function heldCandidates(picture: SprintPicture, { settings, view }: EnvironmentPicture): Candidate[] {
  if (view === null) return []
  const { version, phase } = picture.sprint.state
  const all = settings.from === 'develop' && phase === 'integrating'
  return holdersOf(view.state).flatMap((holder) => (all || holder.version === version ? [holder.candidate] : []))
}

type Holder = { readonly version: string | null; readonly tag: string; readonly candidate: Candidate }

function holdersOf(state: EnvironmentState): Holder[] {
  return [
    ...state.waiting.map((waiting) => waiting.request),
    ...(state.running === null ? [] : [state.running.request]),
    ...(state.current === null
      ? []
      : [{ version: state.current.version, tag: state.current.tag, candidate: state.current.snapshot.candidate }]),
  ]
}

function candidateStatus(picture: SprintPicture, candidate: Candidate): CandidateStatus {
  const { revision } = candidate
  const refs = picture.repository.refs.filter((tracked) => tracked.revision === revision)
  const fromRefs = refs.flatMap((tracked) => {
    const tag = imageTagOf(tracked.ref, revision)
    return tracked.named && tag.ok ? [tag.value] : []
  })
  const fromEnvironments = picture.environments.flatMap(({ view }) => (view === null ? [] : tagsIn(view.state, revision)))
  const tags = [...new Set([...fromRefs, ...fromEnvironments])].toSorted()
  return {
    revision,
    refs: refs.map((tracked) => shortRef(tracked.ref)).toSorted(),
    images: Object.fromEntries(candidate.images.map(({ service, digest, reused }) => [service, { tags, digest, reused }])),
  }
}

/** The names that an image keeps after its branch has moved on. */
function tagsIn(state: EnvironmentState, revision: Revision): string[] {
  const past = state.past.map((deployed) => ({ tag: deployed.tag, candidate: deployed.snapshot.candidate }))
  return [...holdersOf(state), ...past].flatMap((holder) => (holder.candidate.revision === revision ? [holder.tag] : []))
}
