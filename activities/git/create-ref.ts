import { actorName } from '../../domain/actor.ts'
import type { Parsed } from '../../domain/parsed.ts'
import { parseRefName } from '../../domain/ref-name.ts'
import { branchRef, tagRef } from '../../domain/ref-rules.ts'
import { parseRevision, shortSha, type Revision } from '../../domain/revision.ts'
import type { CreateRefInput, CreateRefResult } from '../contract.ts'
import { permanent, transient } from '../failure.ts'
import { gitFailure } from './classify.ts'
import { createRef, makeTag } from './commands.ts'
import type { GitMirror } from './open-mirror.ts'
import { plainWords } from './plain-words.ts'
import { parsePush } from './push-report.ts'

export async function createBranch(input: CreateRefInput, mirror: GitMirror, signal: AbortSignal): Promise<CreateRefResult> {
  validate(input)
  await mirror.ensure(input.revision, signal)
  return pushNew(branchRef(input.name), input.revision, input.revision, mirror, signal)
}

export async function createTag(input: CreateRefInput, mirror: GitMirror, nowMs: number, signal: AbortSignal): Promise<CreateRefResult> {
  validate(input)
  await mirror.ensure(input.revision, signal)
  const made = await mirror.git(makeTag(mirror.paths.mirror, tagContent(input, nowMs)), `make the tag ${input.name}`, signal)
  return pushNew(tagRef(input.name), made.stdout.toString('utf8').trim(), input.revision, mirror, signal)
}

/** An annotated tag as git stores it. The tagger is always Slipway; who asked stands in the message. */
export function tagContent({ name, revision, by, message }: CreateRefInput, nowMs: number): string {
  const text = `${message}\n\nRequested by ${actorName(by)} through Slipway.`.replaceAll(/[^\P{C}\n]/gu, ' ').trim()
  return [
    `object ${revision}`,
    'type commit',
    `tag ${name}`,
    `tagger Slipway <slipway@localhost> ${Math.floor(nowMs / 1000)} +0000`,
    '',
    text,
    '',
  ].join('\n')
}

/** One connection when all goes well: the push itself looks, by insisting that the ref is new. */
async function pushNew(ref: string, object: string, revision: Revision, mirror: GitMirror, signal: AbortSignal): Promise<CreateRefResult> {
  const outcome = await mirror.atRemote(({ url }) => createRef(mirror.paths.mirror, url, ref, object), signal)
  const report = parsePush(outcome.stdout.toString('utf8'), ref)
  if (outcome.exitCode === 0 && report) return { ref, revision, created: report.flag === '*' }
  if (report?.flag !== '!') throw gitFailure(`push ${ref}`, outcome.stderr)

  const there = (await mirror.list(signal)).get(ref)?.commit
  if (there === revision) return { ref, revision, created: false }
  if (there !== undefined) {
    throw permanent(
      'Conflict',
      `${ref} should be created at ${shortSha(revision)}, and it is on the remote at ${shortSha(there)}. Slipway moves no branch and no tag: use that one, or delete it and try again.`,
      { ref, wanted: revision, found: there },
    )
  }
  const words = plainWords(`${report.reason}\n${outcome.stderr}`)
  if (/cannot lock ref|failed to update ref|unpacker error|stale info|No space left/.test(words))
    throw transient(`The remote could not take ${ref}; it is tried again. It said: ${words}`)
  throw permanent(
    'Conflict',
    `The remote does not let Slipway create ${ref}: ${words} Allow it there, or push ${ref} at ${shortSha(revision)} by hand; Slipway goes on from there.`,
  )
}

function validate({ name, revision }: CreateRefInput): void {
  required(parseRefName(name))
  required(parseRevision(revision))
}

function required(parsed: Parsed<unknown>): void {
  if (!parsed.ok) throw permanent('InvalidConfiguration', `Slipway creates no such ref: ${parsed.problem}.`)
}
