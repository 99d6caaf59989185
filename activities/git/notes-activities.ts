import { markdownNotes, plainNotes } from '../../domain/notes/notes.ts'
import { formatReleaseTag, parseReleaseTag } from '../../domain/release-tag.ts'
import { branchRef, releaseBranch, tagRef } from '../../domain/ref-rules.ts'
import { formatVersion, parseVersion } from '../../domain/version.ts'
import type { NotesActivities, ReleaseNotes } from '../contract.ts'
import { projectEstate } from '../estate.ts'
import { permanent } from '../failure.ts'
import { forgeOf, type ForgeDeps } from '../forge/create.ts'
import { withHeartbeat } from '../heartbeat.ts'
import type { GitActivityDeps } from './activities.ts'
import { listRemote } from './list-refs.ts'
import type { Listing } from './listing.ts'
import { readNotes, releaseTags } from './release-notes.ts'

type Deps = GitActivityDeps & ForgeDeps

/** Each form of them, so that both fit into a history. */
const MOST_TEXT = 16_000

export function createNotesActivities(deps: Deps): NotesActivities {
  return {
    releaseNotes: ({ project, name }) =>
      withHeartbeat(deps.attempt(), `reading what came with ${name}`, (_say, signal) => releaseNotes(deps, project, name, signal)),
    publishRelease: ({ project, tag }) =>
      withHeartbeat(deps.attempt(), `the release page of ${tag}`, async (_say, signal) => {
        const forge = await forgeOf(deps, project)
        if (forge === null) return null
        const { markdown } = await releaseNotes(deps, project, tag, signal)
        return await forge.publishRelease({ tag, body: markdown }, signal)
      }),
  }
}

async function releaseNotes(deps: Deps, project: string, name: string, signal: AbortSignal): Promise<ReleaseNotes> {
  const mirror = deps.mirrors(project)
  const listing = await listRemote(mirror, signal)
  const tag = tagOf(name, listing)
  const tagged = listing.has(tagRef(tag))
  const revision = tagged ? null : tipOf(deps, project, name, listing)
  const [read, forge] = await Promise.all([readNotes(tag, revision, { listing, mirror, signal }), forgeOf(deps, project).catch(() => null)])
  const show = (number: number) => (forge === null ? `!${number}` : `[!${number}](${forge.requestUrl(number)})`)
  const { notes, ...rest } = read
  return { tag, tagged, ...rest, text: plainNotes(notes, MOST_TEXT), markdown: markdownNotes(notes, show, MOST_TEXT) }
}

/** A release tag as it is; of a version the newest tag, or the first that it will get. */
function tagOf(name: string, listing: Listing): string {
  if (parseReleaseTag(name).ok) return name
  const version = parseVersion(name)
  if (!version.ok) throw permanent('InvalidConfiguration', `Release notes are of a release: ${version.problem}.`)
  const text = formatVersion(version.value)
  const newest = releaseTags(listing).findLast((tag) => formatVersion(tag.version) === text)
  return newest === undefined ? `v${text}` : formatReleaseTag(newest)
}

/** Before the tag is made, the release branch is what it will name. */
function tipOf(deps: Deps, project: string, name: string, listing: Listing): string {
  const version = parseVersion(name)
  const { branches } = projectEstate(deps.estate, project).repository
  const branch = version.ok ? releaseBranch(version.value, branches) : null
  const tip = branch === null ? undefined : listing.get(branchRef(branch))?.commit
  if (tip !== undefined) return tip
  throw permanent('NotFound', `Neither a release tag nor a release branch of ${name} is on the remote.`)
}
