import { parseFailure, type Parsed } from './parsed.ts'

/** A sprint's version: three numbers without leading zeros, as in the article's `release-1.0.0` and `v1.0.0`. */
export type Version = { readonly major: number; readonly minor: number; readonly patch: number }

const PATTERN = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/

export function parseVersion(text: string): Parsed<Version> {
  const match = PATTERN.exec(text)
  if (!match) return parseFailure(text, 'a version of three numbers such as 1.0.0')
  return { ok: true, value: { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } }
}

export function formatVersion(version: Version): string {
  return `${version.major}.${version.minor}.${version.patch}`
}

/** Negative when `a` comes before `b`. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/** The version that the next sprint usually takes: the next minor one. */
export function nextVersion(version: Version): Version {
  return { major: version.major, minor: version.minor + 1, patch: 0 }
}
