import { nearest } from '../../config/mistakes/nearest.ts'
import { imageTagOf } from '../../domain/image-tag.ts'
import { shortRef } from '../../domain/ref-rules.ts'
import type { BuildRecord, RepositoryState } from '../../domain/repository/state.ts'
import { shortSha } from '../../domain/revision.ts'
import { notFound } from '../exit.ts'
import type { EnvironmentPicture } from '../picture.ts'

/** What a log belongs to. */
export type LogSource =
  | { readonly kind: 'build'; readonly name: string; readonly revision: string; readonly record: BuildRecord | null }
  | { readonly kind: 'environment'; readonly name: string; readonly picture: EnvironmentPicture }

/** An environment by its name; a build by an image tag, a branch or tag, or the first digits of its revision. */
export function chooseLog(repository: RepositoryState, environments: readonly EnvironmentPicture[], what: string | undefined): LogSource {
  if (what === undefined) return interesting(repository, environments)
  const environment = environments.find(({ settings }) => settings.name === what)
  if (environment !== undefined) return { kind: 'environment', name: what, picture: environment }
  const revision = revisionOf(repository, environments, what)
  if (revision !== null) return { ...build(repository, revision), name: what }
  throw unknown(repository, environments, what)
}

function unknown(repository: RepositoryState, environments: readonly EnvironmentPicture[], what: string) {
  const tags = repository.refs.flatMap(({ ref, revision }) => {
    const tag = imageTagOf(ref, revision)
    return [shortRef(ref), ...(tag.ok ? [tag.value] : [])]
  })
  const meant = nearest(what, [...environments.map(({ settings }) => settings.name), ...new Set(tags)])
  const guess = meant === null ? '' : `; did you mean ${meant}?`
  return notFound(`no image tag, branch, revision or environment ${what} is known${guess}`, [
    ...(meant === null ? [] : [`slipway logs ${meant}`]),
    'slipway status',
    'slipway env',
  ])
}

function revisionOf(repository: RepositoryState, environments: readonly EnvironmentPicture[], what: string): string | null {
  const tracked = repository.refs.find((ref) => {
    const tag = imageTagOf(ref.ref, ref.revision)
    return shortRef(ref.ref) === what || (tag.ok && tag.value === what)
  })
  const held = environments
    .flatMap(({ view }) => (view === null || view.state.current === null ? [] : [view.state.current, ...view.state.past]))
    .find((deployed) => deployed.tag === what)
  return tracked?.revision ?? held?.snapshot.candidate.revision ?? byDigits(repository, what)
}

/** `1a2b3c4d`, or an image tag of a branch that has moved on: `develop.1a2b3c4d`. */
export function byDigits(repository: RepositoryState, what: string): string | null {
  const digits = /^(?:.*\.)?([0-9a-f]{7,64})$/.exec(what)?.[1]
  if (digits === undefined) return null
  const known = [...new Set([...repository.builds.map((record) => record.revision), ...repository.refs.map((ref) => ref.revision)])]
  const found = known.filter((revision) => revision.startsWith(digits))
  if (found.length > 1) throw notFound(`${found.length} revisions begin with ${digits}: ${found.map(shortSha).join(', ')}`)
  return found[0] ?? (digits.length === 40 || digits.length === 64 ? digits : null)
}

/** What somebody asks for who names nothing: what runs, else what failed last, else what was built last. */
function interesting(repository: RepositoryState, environments: readonly EnvironmentPicture[]): LogSource {
  const newestFirst = repository.builds.toSorted((a, b) => b.since - a.since)
  const deploying = environments.find(({ view }) => view !== null && view.state.running !== null)
  const parked = environments.find(({ view }) => view !== null && view.state.parked !== null)
  const building = newestFirst.find((record) => record.status === 'building')
  const failed = newestFirst.find((record) => record.status === 'failed')
  if (building !== undefined) return build(repository, building.revision)
  if (deploying !== undefined) return { kind: 'environment', name: deploying.settings.name, picture: deploying }
  if (parked !== undefined && (parked.view?.state.parked?.since ?? 0) >= (failed?.since ?? 0))
    return { kind: 'environment', name: parked.settings.name, picture: parked }
  const chosen = failed ?? newestFirst[0]
  if (chosen === undefined) throw notFound('nothing was built yet', ['slipway status'])
  return build(repository, chosen.revision)
}

function build(repository: RepositoryState, revision: string): LogSource {
  const record = repository.builds.find((known) => known.revision === revision) ?? null
  const ref = repository.refs.find((tracked) => tracked.revision === revision)
  return { kind: 'build', name: ref === undefined ? shortSha(revision) : `${shortRef(ref.ref)} at ${shortSha(revision)}`, revision, record }
}
