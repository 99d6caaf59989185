import { personOf } from '../../config/people.ts'
import type { EnvironmentSettings } from '../../domain/settings.ts'
import { authorsAfter, taggerOf } from '../git/authors.ts'
import type { Prepared, PrepareInput } from '../contract.ts'
import type { DeployDeps } from './activities.ts'

/** So many who are nobody of the estate. People of the estate are never left out. */
const MOST_STRANGERS = 50

/** Who wrote it and who made its tag, where that decides who may approve it; people of the estate by their names. */
export async function peopleOf(
  deps: DeployDeps,
  { project, candidate, tag, replaces }: PrepareInput,
  { approval }: EnvironmentSettings,
  signal: AbortSignal,
): Promise<Pick<Prepared, 'authors' | 'tagger'>> {
  if (approval === undefined || (approval.author && approval.tagger)) return {}
  const mirror = deps.mirrors(project)
  const [addresses, tagger] = await Promise.all([
    approval.author ? [] : authorsAfter(replaces?.revision ?? null, candidate.revision, mirror, signal),
    approval.tagger ? null : taggerOf(tag, candidate.revision, mirror, signal),
  ])
  const { file } = deps.estate
  const names = [...new Set(addresses.map((address) => personOf(file, address)))]
  const known = new Set(Object.keys(file.people ?? {}))
  const authors = [...names.filter((name) => known.has(name)), ...names.filter((name) => !known.has(name)).slice(0, MOST_STRANGERS)]
  return { authors, tagger: tagger === null ? null : personOf(file, tagger) }
}
