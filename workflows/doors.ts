import type { Actor } from '../domain/actor.ts'
import { cut } from '../domain/cut.ts'
import type { ConfirmWish } from '../domain/environment/judge-confirm.ts'
import type { SignOffWish } from '../domain/environment/judge-sign-off.ts'
import type { HoldWish } from '../domain/environment/lock.ts'
import type { ResolveWish } from '../domain/environment/judge-resolve.ts'
import type { OverrideWish } from '../domain/environment/judge-override.ts'
import type { RollbackWish } from '../domain/environment/judge-rollback.ts'
import type { VetoLift } from '../domain/environment/veto.ts'
import type { Vote } from '../domain/environment/judge-vote.ts'
import { parseFailure, type Parsed } from '../domain/parsed.ts'
import type { SprintCommand } from '../domain/sprint/commands.ts'
import type { OpenSprint, StartSprint } from './messages.ts'

/**
 * What people send, read into the types that the rules judge. The CLI sends it whole; from the Temporal UI and the stock
 * CLI anything may come, and an exception in a handler would stop the workflow: what is missing is empty, and is denied and
 * recorded like any other.
 */

const LONGEST_NAME = 100
const LONGEST_SENTENCE = 500

type Fields = Readonly<Record<string, unknown>>

/** A name alone, or an actor. Whatever it says of itself, nothing here verified it: see hear.ts for who did. */
export function readActor(value: unknown): Actor {
  if (typeof value === 'string') return { kind: 'person', name: cut(value, LONGEST_NAME), verified: false }
  const { kind, name } = fields(value)
  return kind === 'automation'
    ? { kind, name: cut(text(name), LONGEST_NAME) }
    : { kind: 'person', name: cut(text(name), LONGEST_NAME), verified: false }
}

export function readVote(value: unknown, by: Actor): Vote {
  const { request, hash, reason, plan } = fields(value)
  const vote = { request: text(request), hash: text(hash), by, reason: sentence(reason) }
  return typeof plan === 'string' ? { ...vote, plan } : vote
}

export function readSignOff(value: unknown, by: Actor): SignOffWish {
  const { verdict, epoch, revision, message } = fields(value)
  return {
    verdict: verdict === 'pass' || verdict === 'fail' ? verdict : null,
    epoch: whole(epoch),
    revision: text(revision),
    by,
    message: sentence(message),
  }
}

export function readRollback(value: unknown, by: Actor): RollbackWish {
  const { epoch, reason, force, plan, onlyAsPlanned } = fields(value)
  return {
    epoch: whole(epoch),
    by,
    reason: sentence(reason),
    ...(force === true ? { force } : {}),
    ...(typeof plan === 'string' ? { plan: cut(plan, LONGEST_NAME) } : {}),
    ...(onlyAsPlanned === true ? { onlyAsPlanned } : {}),
  }
}

export function readHold(value: unknown, by: Actor): HoldWish {
  const { reason } = fields(value)
  return { by, reason: sentence(reason) }
}

export function readResolve(value: unknown, by: Actor): ResolveWish {
  const { choice, reason } = fields(value)
  const known = choice === 'retry' || choice === 'skip' || choice === 'abort' || choice === 'rollback'
  return { choice: known ? choice : null, by, reason: sentence(reason) }
}

export function readOverride(value: unknown, by: Actor): OverrideWish {
  const { request, hash, reason, freeze } = fields(value)
  const wish = { request: text(request), hash: text(hash), by, reason: sentence(reason) }
  return freeze === true ? { ...wish, freeze } : wish
}

export function readReview(value: unknown): string {
  return text(fields(value).request)
}

export function readConfirm(value: unknown, by: Actor): ConfirmWish {
  const { epoch, reason } = fields(value)
  return { epoch: whole(epoch), by, reason: sentence(reason) }
}

export function readLift(value: unknown, by: Actor): VetoLift {
  const { epoch, reason } = fields(value)
  return { epoch: whole(epoch), by, reason: sentence(reason) }
}

export function readOpen(value: unknown, by: Actor): OpenSprint {
  const { version, as } = fields(value)
  return { version: text(version), as: as === 'adopt' ? 'adopt' : 'hotfix', by }
}

export function readAdopt(value: unknown, by: Actor): { tag: string | null; by: Actor } {
  const { tag } = fields(value)
  return { tag: typeof tag === 'string' && tag !== '' ? tag : null, by }
}

export function readStart(value: unknown, by: Actor): StartSprint {
  const { version, features } = fields(value)
  return { version: text(version), features: [...new Set(texts(features))], by }
}

export function readCommand(value: unknown): Parsed<SprintCommand> {
  const { kind, branch, revision, without, reason, mergedAs, target } = fields(value)
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
    case 'hotfix':
      return { ok: true, value: { kind } }
    case 'finish':
      return {
        ok: true,
        value: { kind, mergedAs: typeof mergedAs === 'string' ? mergedAs : null, target: typeof target === 'string' ? target : null },
      }
    case 'abort':
      return { ok: true, value: { kind, reason: sentence(reason) ?? '' } }
    default:
      return parseFailure(text(kind), 'a command: addFeature, removeFeature, settleFeature, cut, tag, hotfix, finish or abort')
  }
}

export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

/** -1 is no epoch. */
function whole(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : -1
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
