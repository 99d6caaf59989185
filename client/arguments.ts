import { quoted, type Parsed } from '../domain/parsed.ts'
import { parseRefName } from '../domain/ref-name.ts'
import { parseReleaseTag } from '../domain/release-tag.ts'
import { parseRevision } from '../domain/revision.ts'
import { PHASES } from '../domain/sprint/phase.ts'
import { parseVersion } from '../domain/version.ts'
import { usage } from './exit.ts'
import { isName, projectName } from './project.ts'

/** What is typed is judged before anything is asked: a mistake ends with exit 2 and says what was expected. */

export function versionArgument(text: string): string {
  return checked(text, parseVersion(text))
}

export function branchArgument(text: string): string {
  return checked(text, parseRefName(text))
}

/** A version, or a release's tag. */
export function releaseArgument(text: string): string {
  return parseReleaseTag(text).ok ? text : versionArgument(text)
}

export function revisionArgument(text: string): string {
  return checked(text, parseRevision(text))
}

export function environmentArgument(text: string): string {
  if (isName(text)) return text
  throw usage(`expected an environment's name of lower-case letters, digits and "-", such as alpha, found ${quoted(text)}`)
}

export function secondsArgument(text: string): number {
  const seconds = Number(text)
  if (/^\d{1,7}(\.\d+)?$/.test(text) && seconds > 0) return seconds
  throw usage(`expected a number of seconds such as 60, found ${quoted(text)}`)
}

/** What a person says in words: bounded, since it is kept in histories. */
export function wordsArgument(text: string): string {
  const words = text.trim()
  if (words === '') throw usage('expected a reason in words, found an empty text')
  if (words.length > 1000) throw usage(`expected at most 1000 characters, found ${words.length}`)
  return words
}

function checked(text: string, parsed: Parsed<unknown>): string {
  if (!parsed.ok) throw usage(parsed.problem)
  return text
}

/** For options and arguments that repeat. */
export function branchArguments(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), branchArgument(text)]
}

export function environmentArguments(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), environmentArgument(text)]
}

export function projectArgument(text: string): string {
  return projectName(text, 'PROJECT')
}

/** A commit in full or shortened; who uses it makes it full. */
export function shaArgument(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text
  throw usage(`expected a commit's SHA of 40 digits, or at least its first 8, found ${quoted(text)}`)
}

/** 0 is what ran before Slipway came. */
export function epochArgument(text: string): number {
  if (EPOCH.test(text)) return Number(text)
  throw usage(`expected an epoch, a number such as 3, found ${quoted(text)}`)
}

const EPOCH = /^(0|[1-9]\d{0,8})$/

/** What ran once: its epoch, as a number, or its image tag. */
export function epochOrTagArgument(text: string): number | string {
  if (EPOCH.test(text)) return Number(text)
  if (isTag(text)) return text
  throw usage(`expected an epoch such as 3 or an image tag such as v1.0.0, found ${quoted(text)}`)
}

/** `ENVIRONMENT=TAG`, and repeated. */
export function runningArguments(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [name = '', tag = '', ...more] = text.split('=')
  if (isName(name) && isTag(tag) && more.length === 0) return { ...before, [name]: tag }
  throw usage(`expected what runs where, such as prod=v0.9.0, found ${quoted(text)}`)
}

function isTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text)
}

export function hashArgument(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text
  throw usage(`expected a request's hash of 64 hexadecimal digits, or at least its first 8, found ${quoted(text)}`)
}

export function basisArgument(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text
  throw usage(`expected a plan's basis of 64 hexadecimal digits, or at least its first 8, found ${quoted(text)}`)
}

export function portArgument(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65536) return port
  throw usage(`expected a port from 1 to 65535, found ${quoted(text)}`)
}

const REQUEST = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(~\d{1,4})?$/

/** A request's id is an image tag, asked for again with `~2` behind it. */
export function requestArgument(text: string): string {
  if (REQUEST.test(text)) return text
  throw usage(`expected a request's id such as v1.0.0, found ${quoted(text)}`)
}

/** What can be planned: a request's id, an image tag, a branch or tag, or a revision's first digits. */
export function candidateArgument(text: string): string {
  if (REQUEST.test(text) || parseRefName(text).ok) return text
  throw usage(`expected an image tag, a branch, a tag, a revision or a request, found ${quoted(text)}`)
}

/** What a log belongs to: an image tag, a branch, a revision or an environment. */
export function whatArgument(text: string): string {
  if (parseRefName(text).ok) return text
  throw usage(`expected an image tag, a branch, a revision or an environment, found ${quoted(text)}`)
}

const WAITS = [
  'cut',
  'signOff',
  'bugfix',
  'tag',
  'approval',
  'parked',
  'finish',
  'reserved',
  'lacks',
  'locked',
  'pinned',
  'freeze',
  'hotfix',
  'mergeBack',
]

/** What `--until` can name: a phase, or what a sprint waits for. */
export const UNTIL: readonly string[] = [...PHASES, ...WAITS]

export function untilArgument(text: string): string {
  const meant = UNTIL.find((state) => state.toLowerCase() === text.toLowerCase())
  if (meant !== undefined) return meant
  throw usage(`expected one of ${UNTIL.join(', ')}, found ${quoted(text)}`)
}
