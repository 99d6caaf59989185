import { imageTagOf } from '../image-tag.ts'
import { unwrap } from '../parsed.ts'
import { branchRef, classifyRef, releaseBranch, shortRef, type BranchNames } from '../ref-rules.ts'
import { compareReleaseTags, unwrapReleaseTag } from '../release-tag.ts'
import type { BuildFact, RefFact, SprintFacts } from '../sprint/facts.ts'
import { compareVersions, parseVersion } from '../version.ts'
import { buildOf, type RepositoryState, type TrackedRef } from './state.ts'

/** The newest tags are enough: an older one is never released after a newer one. */
const TOLD_TAGS = 10

/** The whole picture for one sprint, without its sequence. */
export function sprintFacts(state: RepositoryState, version: string): Omit<SprintFacts, 'sequence'> {
  const settings = state.settings
  const sprint = state.sprints.find((open) => open.version === version)
  if (settings === null || sprint === undefined) return { develop: null, release: null, tags: [], features: [] }
  const develop = branchRef(settings.branches.develop)
  const release = branchRef(`${settings.branches.releasePrefix}${version}`)
  const fact = (ref: string) => {
    const tracked = state.refs.find((other) => other.ref === ref)
    return tracked === undefined ? null : refFact(state, tracked)
  }
  return {
    // Only the sprint that integrates follows develop; afterwards its ways part.
    develop: sprint.phase === 'integrating' ? fact(develop) : null,
    release: fact(release),
    tags: state.refs
      .filter((tracked) => isTagOf(state, tracked, version))
      .map((tracked) => refFact(state, tracked))
      .toSorted((a, b) => compareReleaseTags(unwrapReleaseTag(a.name), unwrapReleaseTag(b.name)))
      .slice(-TOLD_TAGS),
    features: state.features.filter((feature) => sprint.features.includes(feature.branch)),
    ...youngerOf(state, settings.branches, version),
    ...(sprint.phase === 'mergingBack' ? { tips: tipsOf(state, settings.branches, version) } : {}),
  }
}

/** Release branches that are there and belong to open sprints after this one: what is released goes into them, too. */
function youngerOf(state: RepositoryState, branches: BranchNames, version: string): { younger?: string[] } {
  const after = state.sprints.filter((open) => compareVersions(parsed(open.version), parsed(version)) > 0)
  const names = after.map((open) => releaseBranch(parsed(open.version), branches))
  const younger = names.filter((name) => state.refs.some(({ ref }) => ref === branchRef(name))).toSorted()
  return younger.length === 0 ? {} : { younger }
}

function tipsOf(state: RepositoryState, branches: BranchNames, version: string) {
  return [branches.develop, branches.master, ...(youngerOf(state, branches, version).younger ?? [])].flatMap((branch) => {
    const tracked = state.refs.find(({ ref }) => ref === branchRef(branch))
    return tracked === undefined ? [] : [{ branch, revision: tracked.revision }]
  })
}

function parsed(version: string) {
  return unwrap(parseVersion(version))
}

function isTagOf(state: RepositoryState, tracked: TrackedRef, version: string): boolean {
  const kind = state.settings === null ? null : classifyRef(tracked.ref, state.settings.branches)
  return kind?.kind === 'releaseTag' && (shortRef(tracked.ref) === `v${version}` || shortRef(tracked.ref).startsWith(`v${version}-hotfix`))
}

function refFact(state: RepositoryState, tracked: TrackedRef): RefFact {
  const tag = imageTagOf(tracked.ref, tracked.revision)
  return {
    name: shortRef(tracked.ref),
    revision: tracked.revision,
    imageTag: tag.ok ? tag.value : '',
    since: tracked.since,
    ...(tracked.rewrittenAt === undefined ? {} : { rewrittenAt: tracked.rewrittenAt }),
    build: buildFact(state, tracked),
  }
}

function buildFact(state: RepositoryState, tracked: TrackedRef): BuildFact {
  if (tracked.problem !== null) return { status: 'failed', reason: tracked.problem, log: null }
  const build = buildOf(state, tracked.revision)
  if (build === undefined) return { status: 'waiting' }
  if (build.status === 'failed') return { status: 'failed', reason: build.reason, log: build.log }
  if (build.status === 'built' && tracked.named) return { status: 'built', candidate: build.candidate }
  return { status: 'building', ...retryOf(tracked) }
}

function retryOf({ retry, retryAt }: TrackedRef): { readonly retry?: string; readonly nextTryAt?: number } {
  if (retry === undefined) return {}
  return { retry, ...(retryAt === undefined ? {} : { nextTryAt: retryAt }) }
}
