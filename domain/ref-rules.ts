import { parseReleaseTag, type ReleaseTag } from './release-tag.ts'
import { formatVersion, parseVersion, type Version } from './version.ts'

/** The names a team gives its branches. The article's are the defaults: develop, master, `release-<version>`. */
export type BranchNames = {
  readonly develop: string
  readonly master: string
  /** A release branch is this followed by the version. */
  readonly releasePrefix: string
}

export const ARTICLE_BRANCHES: BranchNames = { develop: 'develop', master: 'master', releasePrefix: 'release-' }

/** What a ref is to Slipway. `branch` and `tag` are built only where `isBuilt` says so. */
export type RefKind =
  | { readonly kind: 'develop' }
  | { readonly kind: 'master' }
  | { readonly kind: 'release'; readonly version: Version }
  /** A branch with the release prefix and no version behind it: built, never deployed (the article: /^release-.*$/). */
  | { readonly kind: 'releaseLike' }
  | { readonly kind: 'releaseTag'; readonly tag: ReleaseTag }
  | { readonly kind: 'tag' }
  | { readonly kind: 'branch' }

/** @param ref a full ref name, `refs/heads/…` or `refs/tags/…` */
export function classifyRef(ref: string, names: BranchNames): RefKind | null {
  if (ref.startsWith('refs/tags/')) {
    const tag = parseReleaseTag(ref.slice('refs/tags/'.length))
    return tag.ok ? { kind: 'releaseTag', tag: tag.value } : { kind: 'tag' }
  }
  if (!ref.startsWith('refs/heads/')) return null
  const branch = ref.slice('refs/heads/'.length)
  if (branch === names.develop) return { kind: 'develop' }
  if (branch === names.master) return { kind: 'master' }
  if (!branch.startsWith(names.releasePrefix)) return { kind: 'branch' }
  const version = parseVersion(branch.slice(names.releasePrefix.length))
  return version.ok ? { kind: 'release', version: version.value } : { kind: 'releaseLike' }
}

/** The article's image rule: images are built for tags, develop, master and `release-*`, and for nothing else. */
export function isBuilt(kind: RefKind): boolean {
  return kind.kind !== 'branch'
}

export function releaseBranch(version: Version, names: BranchNames): string {
  return `${names.releasePrefix}${formatVersion(version)}`
}

export function branchRef(branch: string): string {
  return `refs/heads/${branch}`
}

export function tagRef(tag: string): string {
  return `refs/tags/${tag}`
}

/** `refs/heads/develop` → `develop`. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '')
}
