import { parseFailure, unwrap, type Parsed } from './parsed.ts'
import { compareVersions, formatVersion, parseVersion, type Version } from './version.ts'

/** A release's git tag: `v1.0.0`, or after a hotfix `v1.0.0-hotfix1`. `hotfix` is 0 for the first release. */
export type ReleaseTag = { readonly version: Version; readonly hotfix: number }

const EXPECTED = 'a release tag such as v1.0.0 or v1.0.0-hotfix1'

export function parseReleaseTag(text: string): Parsed<ReleaseTag> {
  const match = /^v(\d+\.\d+\.\d+)(?:-hotfix([1-9]\d{0,3}))?$/.exec(text)
  if (!match) return parseFailure(text, EXPECTED)
  const version = parseVersion(match[1]!)
  if (!version.ok) return parseFailure(text, EXPECTED)
  return { ok: true, value: { version: version.value, hotfix: match[2] ? Number(match[2]) : 0 } }
}

export function formatReleaseTag(tag: ReleaseTag): string {
  return `v${formatVersion(tag.version)}${tag.hotfix > 0 ? `-hotfix${tag.hotfix}` : ''}`
}

/**
 * Negative when `a` was released before `b`. The order is Slipway's own, v1.0.0 < v1.0.0-hotfix2 < v1.0.0-hotfix10 <
 * v1.0.1: semver would read a hotfix as a pre-release and put it first.
 */
export function compareReleaseTags(a: ReleaseTag, b: ReleaseTag): number {
  return compareVersions(a.version, b.version) || a.hotfix - b.hotfix
}

/** For a text that is known to be a release tag. */
export function unwrapReleaseTag(text: string): ReleaseTag {
  return unwrap(parseReleaseTag(text))
}

/** True when `tag` was released before the release tag `than`; what is no release tag was there before Slipway's. */
export function isBefore(tag: string, than: string): boolean {
  const [a, b] = [parseReleaseTag(tag), parseReleaseTag(than)]
  return !a.ok || (b.ok && compareReleaseTags(a.value, b.value) < 0)
}
