import { isCancellation, patched, proxyActivities, sleep } from '@temporalio/workflow'
import type { GitActivities, IdentityActivities } from '../activities/contract.ts'
import type { Actor } from '../domain/actor.ts'
import type { Action } from '../domain/authorise.ts'
import { isUsed, withNonce } from '../domain/nonces.ts'
import type { ProjectSettings } from '../domain/settings.ts'
import type { Signed } from '../domain/signed.ts'
import { readStatement } from '../domain/statement.ts'
import { refuse, type Refusal } from '../domain/wait.ts'
import { fields, readActor } from './doors.ts'
import { reasonOf } from './persist.ts'
import { IDENTIFY } from './policies.ts'
import { MAIN_QUEUE } from './queues.ts'

/** What every door needs of the workflow behind it. */
export type Hearing = {
  readonly project: string
  /** `environment/prod`, `sprint/1.0.0` or `repository`: what a statement has to be said to. */
  readonly place: string
  /** Where words come from another workflow, which heard them in time: they are about something that began then. */
  readonly since?: () => number
  readonly nonces: () => readonly string[] | undefined
  readonly remember: (nonces: readonly string[]) => void
  /** False while nothing is known of who may do what here; an earlier version learned only then. */
  readonly knows: () => boolean
  /** What the estate says now. */
  readonly learn: (settings: ProjectSettings) => void
  /** A word that is not even judged is recorded, too. */
  readonly deny: (action: Action, by: Actor, refusal: Refusal) => void
}

/** @param signed what was signed, where it was */
type Judge<T> = (message: unknown, by: Actor, signed?: Signed) => T | Promise<T>

/** As long as what they are said to lasts, none of them is forgotten: by one key no more than this. */
const MOST_HANDED_ON = 150
const ATTEMPTS = 8

const activities = proxyActivities<IdentityActivities & GitActivities>({ ...IDENTIFY, taskQueue: MAIN_QUEUE })

/**
 * What a person says comes through here, whatever the door: who says it is found out, and then it is judged. Of a signed
 * word counts what was signed, and nothing that stands beside it. Without a signature a name is only a name.
 */
export function openHearing(hearing: Hearing): <T>(action: Action, sent: unknown, judge: Judge<T>) => T | Refusal | Promise<T | Refusal> {
  let learning: { readonly at: number; readonly done: Promise<void> } | null = null

  return (action, sent, judge) => {
    const { signed, by } = fields(sent)
    if (signed !== undefined) return hearSigned(action, signed, judge)
    if (patched('learn-first')) return learnTogether().then(() => judge(sent, readActor(by)))
    // An earlier version learned only where nothing was known, and one before that not even then.
    if (hearing.knows() || !patched('know-first')) return judge(sent, readActor(by))
    return learnFirst().then(() => judge(sent, readActor(by)))
  }

  async function hearSigned<T>(action: Action, sent: unknown, judge: Judge<T>): Promise<T | Refusal> {
    const { project, place } = hearing
    const since = hearing.since?.()
    const expected = { project, place, action, ...(since === undefined ? {} : { since }) }
    const reading = readStatement(sent, expected, hearing.nonces(), Date.now())
    if (!reading.ok) return deny(action, reading.who, reading.problem)
    const { who, nonce, expires, message } = reading.statement
    const identifyNow = since === undefined ? identify : identifyPatiently
    const [identified] = await Promise.all([identifyNow(reading.signed, who), learnFirst()])
    if (typeof identified === 'string') return deny(action, who, `it could not be found out who signed: ${identified}`, 'failed')
    if (!identified.ok) return deny(action, who, identified.reason)
    // It may have taken its time, as when no worker was there: judged again as things are by now.
    if (since === undefined && Date.now() >= expires && patched('expired-meanwhile'))
      return deny(action, who, 'what was signed expired before it was known who signed: sign it anew')
    // Two of the same may have been looked at side by side.
    if (isUsed(hearing.nonces(), nonce)) return deny(action, who, 'it was said already: a signed word counts once')
    // A word that counts for as long as something lasts is remembered for as long.
    const word = { nonce, expires: since === undefined ? expires : Number.MAX_SAFE_INTEGER, key: identified.key }
    const nonces = withNonce(hearing.nonces(), word, Date.now(), since === undefined ? undefined : MOST_HANDED_ON)
    if (nonces === null) return deny(action, who, 'too many signed words came within minutes; say it again in a few', 'failed')
    hearing.remember(nonces)
    const { name, key, statement } = identified
    return judge(message, { kind: 'person', name, verified: true, key, statement }, reading.signed)
  }

  function identify(signed: { readonly statement: string; readonly signature: string }, who: string) {
    return activities.identify
      .executeWithOptions({ summary: 'who signed this?' }, [{ project: hearing.project, signed, who }])
      .catch((error: unknown) => reasonOf(error))
  }

  /** Nobody waits who could say it again: a worker that is away for a moment is waited for. */
  async function identifyPatiently(signed: { readonly statement: string; readonly signature: string }, who: string) {
    for (let attempt = 1; ; attempt++) {
      const identified = await identify(signed, who)
      if (typeof identified !== 'string' || attempt >= ATTEMPTS) return identified
      await sleep(attempt * 1000)
    }
  }

  /** Policies are the estate's: a word is judged by what it says now, for by now it may ask for signatures, or name others. */
  function learnFirst(): Promise<void> {
    return readEstate(hearing.project, hearing.learn)
  }

  /** What is heard at the same moment asks once, and is judged in the order in which it came. */
  function learnTogether(): Promise<void> {
    const now = Date.now()
    if (learning?.at !== now) learning = { at: now, done: learnFirst() }
    return learning.done
  }

  function deny(action: Action, who: string, reason: string, kind: Refusal['kind'] = 'rights'): Refusal {
    const refusal = refuse(reason, [], kind)
    hearing.deny(action, { kind: 'person', name: who === '' ? 'somebody' : who.slice(0, 100), verified: false }, refusal)
    return refusal
  }
}

/** What was known stays, when the estate cannot be read now. */
export async function readEstate(project: string, learn: (settings: ProjectSettings) => void): Promise<void> {
  try {
    learn(await activities.readSettings.executeWithOptions({ summary: 'who may do what here?' }, [{ project }]))
  } catch (error) {
    if (isCancellation(error)) throw error
  }
}

/** A Signal has no answer; what came of it stands in the record. */
export function unanswered(answer: unknown): void | Promise<void> {
  return answer instanceof Promise ? answer.then(() => undefined) : undefined
}
