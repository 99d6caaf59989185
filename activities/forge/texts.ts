import { parseRefName } from '../../domain/ref-name.ts'
import { quoted } from '../../domain/parsed.ts'
import { parseRevision } from '../../domain/revision.ts'
import { permanent } from '../failure.ts'
import { parseReleaseTag } from '../../domain/release-tag.ts'
import type { CommitStatus, NewMergeRequest, NewRelease } from './forge.ts'

/** Forges take no longer titles than 255 characters. */
const TITLE = 250
const BODY = 20_000

/**
 * What is sent: branch names that Slipway serves, and texts that every forge takes.
 *
 * @throws permanent `InvalidConfiguration` for a branch name of another kind, or for a branch into itself
 */
export function checkedRequest({ source, target, title, body }: NewMergeRequest): NewMergeRequest {
  for (const branch of [source, target]) {
    const parsed = parseRefName(branch)
    if (!parsed.ok) throw permanent('InvalidConfiguration', `A merge request is between two branches: ${parsed.problem}.`)
  }
  if (source === target) throw permanent('InvalidConfiguration', `A merge request is between two branches, found ${target} twice.`)
  return { source, target, title: cut(printable(title).replace(/\s+/g, ' ').trim(), TITLE), body: cut(printable(body), BODY) }
}

/** @throws permanent `InvalidConfiguration` for what is no release tag */
export function checkedRelease({ tag, body }: NewRelease): NewRelease {
  const parsed = parseReleaseTag(tag)
  if (!parsed.ok) throw permanent('InvalidConfiguration', `A release page is of a release: ${parsed.problem}.`)
  return { tag, body: cut(printable(body), BODY) }
}

/** Forges show no more of it. */
const DESCRIPTION = 140

/**
 * A revision and an environment that are what they say, and a line that every forge takes.
 *
 * @throws permanent `InvalidConfiguration` for anything else
 */
export function checkedStatus(status: CommitStatus): CommitStatus {
  const parsed = parseRevision(status.revision)
  if (!parsed.ok) throw permanent('InvalidConfiguration', `A status is of a commit: ${parsed.problem}.`)
  if (!/^slipway\/[a-z0-9-]{1,60}$/.test(status.context))
    throw permanent('InvalidConfiguration', `A status is of a build or an environment, found ${quoted(status.context)}.`)
  return { ...status, description: cut(printable(status.description).replace(/\s+/g, ' ').trim(), DESCRIPTION) }
}

function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, ' ')
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}
