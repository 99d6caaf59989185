import { parseVersion } from '../version.ts'
import { parseRefName, type RefName } from '../ref-name.ts'
import { refuse, type Refusal } from '../wait.ts'
import type { OpenSprint } from './state.ts'

/** May a sprint of this version start now? Only one integrates at a time, and a version has one sprint. */
export function judgeStart(
  sprints: readonly OpenSprint[],
  wish: { readonly version: string; readonly features: readonly RefName[]; readonly released: boolean },
): Refusal | null {
  const version = parseVersion(wish.version)
  if (!version.ok) return refuse(version.problem)
  for (const feature of wish.features) {
    const name = parseRefName(feature)
    if (!name.ok) return refuse(name.problem)
  }
  const same = sprints.find((sprint) => sprint.version === wish.version)
  if (same) return refuse(`the sprint ${wish.version} is open already (${same.phase})`, [`slipway status ${wish.version}`])
  const integrating = sprints.find((sprint) => sprint.phase === 'integrating')
  if (integrating) {
    return refuse(`the sprint ${integrating.version} is still integrating, and only one sprint integrates at a time`, [
      `slipway cut ${integrating.version}`,
      `slipway abort ${integrating.version}`,
    ])
  }
  if (wish.released) return refuse(`${wish.version} is released: its tag v${wish.version} exists. Start the next version`)
  return null
}

/** What the remote has of a version: its release tags, the newest last, and whether its release branch is there. */
export type Remains = { readonly tags: readonly { readonly tag: string; readonly revision: string }[]; readonly branch: boolean }

/** May the sprint of a version that was released, or that Slipway never saw, be opened now? */
export function judgeOpen(
  sprints: readonly OpenSprint[],
  wish: { readonly version: string; readonly as: 'hotfix' | 'adopt' },
  remains: Remains | null,
): Refusal | null {
  const version = parseVersion(wish.version)
  if (!version.ok) return refuse(version.problem)
  const same = sprints.find((sprint) => sprint.version === wish.version)
  if (same) return refuse(`the sprint ${wish.version} is open already (${same.phase})`, [`slipway status ${wish.version}`])
  if (remains === null) return null
  if (wish.as === 'hotfix') {
    return remains.tags.length > 0
      ? null
      : refuse(`${wish.version} has no release to fix: there is no tag v${wish.version} on the remote`, ['slipway status'])
  }
  if (remains.branch || remains.tags.length > 0) return null
  const reason = `there is nothing of ${wish.version} on the remote to take over: neither its release branch nor a tag v${wish.version}`
  return refuse(reason, [`slipway start ${wish.version}`], 'notFound')
}
