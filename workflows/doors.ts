import type { Actor } from '../domain/actor.ts'
import { cut } from '../domain/cut.ts'
import type { SignOffWish } from '../domain/environment/judge-sign-off.ts'
import type { Vote } from '../domain/environment/judge-vote.ts'
import { parseFailure, type Parsed } from '../domain/parsed.ts'
import type { SprintCommand } from '../domain/sprint/commands.ts'
import type { StartSprint } from './messages.ts'

/**
 * What people send, read into the types that the rules judge. The CLI sends it whole; from the Temporal UI and the stock
 * CLI anything may come, and an exception in a handler would stop the workflow: what is missing is empty, and is denied and
 * recorded like any other.
 */

const LONGEST_NAME = 100
const LONGEST_SENTENCE = 500

type Fields = Readonly<Record<string, unknown>>

/** A name alone, or an actor. Whatever it says of itself, nothing here verified it. */
export function readActor(value: unknown): Actor {
  if (typeof value === 'string') return { kind: 'person', name: cut(value, LONGEST_NAME), verified: false }
  const { kind, name } = fields(value)
  return kind === 'automation'
    ? { kind, name: cut(text(name), LONGEST_NAME) }
    : { kind: 'person', name: cut(text(name), LONGEST_NAME), verified: false }
}

export function readVote(value: unknown): Vote {
  const { request, hash, by, reason } = fields(value)
  return { request: text(request), hash: text(hash), by: readActor(by), reason: sentence(reason) }
}

export function readSignOff(value: unknown): SignOffWish {
  const { verdict, epoch, revision, by, message } = fields(value)
  return {
    verdict: verdict === 'pass' || verdict === 'fail' ? verdict : null,
    epoch: typeof epoch === 'number' ? epoch : -1,
    revision: text(revision),
    by: readActor(by),
    message: sentence(message),
  }
}

export function readStart(value: unknown): StartSprint {
  const { version, features, by } = fields(value)
  return { version: text(version), features: [...new Set(texts(features))], by: readActor(by) }
}

export function readCommand(value: unknown): Parsed<SprintCommand> {
  const { kind, branch, revision, without, reason } = fields(value)
  const commit = typeof revision === 'string' ? revision : null
  switch (kind) {
    case 'addFeature':
    case 'removeFeature':
      return { ok: true, value: { kind, branch: text(branch) } }
    case 'settleFeature':
      return { ok: true, value: { kind, branch: text(branch), revision: commit } }
    case 'cut':
      return { ok: true, value: { kind, without: texts(without) } }
    case 'tag':
      return { ok: true, value: { kind, revision: commit } }
    case 'abort':
      return { ok: true, value: { kind, reason: sentence(reason) ?? '' } }
    default:
      return parseFailure(text(kind), 'a command: addFeature, removeFeature, settleFeature, cut, tag or abort')
  }
}

export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function sentence(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? cut(value, LONGEST_SENTENCE) : null
}
