import { plainNotes } from '../../domain/notes/notes.ts'
import type { Parsed } from '../../domain/parsed.ts'
import { parseRefName } from '../../domain/ref-name.ts'
import { parseReleaseTag } from '../../domain/release-tag.ts'
import { branchRef, tagRef } from '../../domain/ref-rules.ts'
import { parseRevision, shortSha, type Revision } from '../../domain/revision.ts'
import type { CreateRefInput, CreateRefResult } from '../contract.ts'
import { permanent } from '../failure.ts'
import { messageBy, slipwayAt } from './authorship.ts'
import { makeTag } from './commands.ts'
import { listRemote } from './list-refs.ts'
import type { GitMirror } from './open-mirror.ts'
import { pushNew } from './push-new.ts'
import { readNotes } from './release-notes.ts'

/** Somebody waits for the tag: so long its notes may take. */
const NOTES_MS = 8_000
const MOST_NOTES = 8_000

export async function createBranch(input: CreateRefInput, mirror: GitMirror, signal: AbortSignal): Promise<CreateRefResult> {
  validate(input)
  await mirror.ensure(input.revision, signal)
  return create(branchRef(input.name), input.revision, input.revision, mirror, signal)
}

export async function createTag(input: CreateRefInput, mirror: GitMirror, nowMs: number, signal: AbortSignal): Promise<CreateRefResult> {
  validate(input)
  await mirror.ensure(input.revision, signal)
  const message = await withNotes(input, mirror, signal)
  const made = await mirror.git(
    makeTag(mirror.paths.mirror, tagContent({ ...input, message }, nowMs)),
    `make the tag ${input.name}`,
    signal,
  )
  return create(tagRef(input.name), made.stdout.toString('utf8').trim(), input.revision, mirror, signal)
}

/** An annotated tag as git stores it. The tagger is always Slipway; who asked stands in the message. */
export function tagContent({ name, revision, by, message }: CreateRefInput, nowMs: number): string {
  return [`object ${revision}`, 'type commit', `tag ${name}`, `tagger ${slipwayAt(nowMs)}`, '', messageBy(by, message), ''].join('\n')
}

/** A release's tag says what came with it. Notes that cannot be had are no reason to make no tag. */
async function withNotes({ name, revision, message }: CreateRefInput, mirror: GitMirror, signal: AbortSignal): Promise<string> {
  if (!parseReleaseTag(name).ok) return message
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(NOTES_MS)])
    const listing = await listRemote(mirror, inTime)
    const { notes, previous } = await readNotes(name, revision, { listing, mirror, signal: inTime })
    const text = plainNotes(notes, MOST_NOTES)
    const since = previous === null ? 'What is in it' : `Since ${previous}`
    return text === '' ? message : `${message}\n\n${since}:\n\n${text}`
  } catch (error) {
    if (signal.aborted) throw error
    return message
  }
}

async function create(ref: string, object: string, revision: Revision, mirror: GitMirror, signal: AbortSignal): Promise<CreateRefResult> {
  const { revision: there, created } = await pushNew(ref, object, revision, mirror, signal)
  if (there === revision) return { ref, revision, created }
  throw permanent(
    'Conflict',
    `${ref} should be created at ${shortSha(revision)}, and it is on the remote at ${shortSha(there)}. Slipway moves no branch and no tag: use that one, or delete it and try again.`,
    { ref, wanted: revision, found: there },
  )
}

function validate({ name, revision }: CreateRefInput): void {
  required(parseRefName(name))
  required(parseRevision(revision))
}

function required(parsed: Parsed<unknown>): void {
  if (!parsed.ok) throw permanent('InvalidConfiguration', `Slipway creates no such ref: ${parsed.problem}.`)
}
