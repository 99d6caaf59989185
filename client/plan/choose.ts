import { nearest } from '../../config/mistakes/nearest.ts'
import type { Candidate } from '../../domain/candidate.ts'
import { verifiedHere, type EnvironmentState } from '../../domain/environment/state.ts'
import { imageTagOf } from '../../domain/image-tag.ts'
import { shortRef } from '../../domain/ref-rules.ts'
import { buildOf, type RepositoryState, type TrackedRef } from '../../domain/repository/state.ts'
import { shortSha } from '../../domain/revision.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import { notFound, refused, usage } from '../exit.ts'
import { byDigits } from '../logs/choose.ts'

/** What is planned: something that was rendered already, taken as it is, or a candidate that is rendered first. */
export type Planning =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly request: string | null; readonly back?: true }
  | { readonly kind: 'candidate'; readonly candidate: Candidate; readonly tag: string; readonly request: string | null }

/** The one request that is rendered and waits in the environment. */
export function chooseWaiting(state: EnvironmentState): Planning {
  const rendered = prepared(state)
  const [first] = rendered
  if (first === undefined) {
    throw refused(`nothing that is rendered waits in ${state.name}; name what is to be planned, such as an image tag`, [
      `slipway plan ${state.name} TAG`,
      `slipway env ${state.name}`,
    ])
  }
  if (rendered.length > 1) {
    throw usage(
      `${rendered.length} requests wait in ${state.name}; name one`,
      rendered.map(({ request }) => `slipway plan ${state.name} ${request}`),
    )
  }
  return first
}

/** A request that waits, an image tag, a branch or tag, or the first digits of a revision: of something that is built. */
export function chooseCandidate(repository: RepositoryState, state: EnvironmentState, wanted: string): Planning {
  const waiting = state.waiting.find(({ request }) => request.id === wanted || request.tag === wanted)
  const rendered = prepared(state).find(({ request }) => request === waiting?.request.id)
  if (rendered !== undefined) return rendered
  if (waiting !== undefined) return { kind: 'candidate', ...waiting.request, request: waiting.request.id }
  const tracked = repository.refs.find((ref) => shortRef(ref.ref) === wanted || tagOf(ref) === wanted)
  if (tracked !== undefined) return built(repository, tracked.revision, tagOf(tracked) ?? wanted)
  const ran = verifiedHere(state).find(({ tag }) => tag === wanted)
  if (ran !== undefined) return { kind: 'candidate', candidate: ran.snapshot.candidate, tag: ran.tag, request: null }
  const revision = byDigits(repository, wanted)
  if (revision === null) throw unknown(repository, state, wanted)
  return built(repository, revision, wanted.includes('.') ? wanted : tagAt(repository, revision))
}

/** Every name that can be planned, what waits first. */
export function namesOf(repository: RepositoryState, state: EnvironmentState): string[] {
  const isBuilt = ({ revision }: TrackedRef) => buildOf(repository, revision)?.status === 'built'
  const refs = repository.refs.filter(isBuilt)
  const names = [
    ...state.waiting.map(({ request }) => request.id),
    ...refs.flatMap((ref) => tagOf(ref) ?? []),
    ...refs.map((ref) => shortRef(ref.ref)),
    ...verifiedHere(state).map(({ tag }) => tag),
  ]
  return [...new Set(names)]
}

function prepared(state: EnvironmentState): Extract<Planning, { kind: 'snapshot' }>[] {
  return state.waiting.flatMap(({ request, stage }) =>
    'preparation' in stage ? [{ kind: 'snapshot', snapshot: stage.preparation.snapshot, request: request.id }] : [],
  )
}

function built(repository: RepositoryState, revision: string, tag: string): Planning {
  const record = buildOf(repository, revision)
  const where = `${tag} (${shortSha(revision)})`
  switch (record?.status) {
    case 'built':
      return { kind: 'candidate', candidate: record.candidate, tag, request: null }
    case 'building':
      throw refused(`${where} is being built: its images are not there yet`, ['slipway status'])
    case 'failed':
      throw refused(`the build of ${where} failed: ${record.reason}`, [`slipway logs ${tag}`, 'slipway retry'])
    case undefined:
      throw refused(`${where} is not built, or too long ago to be known`, ['slipway status'])
    default:
      return record satisfies never
  }
}

function tagOf({ ref, revision }: TrackedRef): string | null {
  const tag = imageTagOf(ref, revision)
  return tag.ok ? tag.value : null
}

/** An image tag of the revision; where no ref is there any more, its digits stand for one. */
function tagAt(repository: RepositoryState, revision: string): string {
  return repository.refs.filter((ref) => ref.revision === revision).flatMap((ref) => tagOf(ref) ?? [])[0] ?? shortSha(revision)
}

function unknown(repository: RepositoryState, state: EnvironmentState, wanted: string) {
  const names = namesOf(repository, state)
  const meant = nearest(wanted, names)
  const hint =
    meant !== null
      ? `; did you mean ${meant}?`
      : names.length === 0
        ? '; nothing is built yet'
        : `; there are ${names.slice(0, 5).join(', ')}`
  return notFound(`no image tag, branch, tag or revision ${wanted} of ${repository.project} is known${hint}`, [
    ...(meant === null ? [] : [`slipway plan ${state.name} ${meant}`]),
    'slipway status',
  ])
}
