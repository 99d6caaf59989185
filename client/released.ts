import { parseReleaseTag } from '../domain/release-tag.ts'
import { compareVersions, formatVersion } from '../domain/version.ts'
import type { EnvironmentPicture } from './picture.ts'

/** The versions whose release tags run where tags are deployed to, the oldest first. */
export function liveVersions(environments: readonly EnvironmentPicture[]): string[] {
  const versions = environments.flatMap(({ settings, view }) => {
    const tag = settings.from === 'tag' ? view?.state.current?.tag : undefined
    const release = tag === undefined ? null : parseReleaseTag(tag)
    return release?.ok === true ? [release.value.version] : []
  })
  return [...new Set(versions.toSorted(compareVersions).map(formatVersion))]
}
