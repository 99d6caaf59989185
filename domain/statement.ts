import { canonicalJson } from './canonical-json.ts'
import { isUsed } from './nonces.ts'
import { quoted } from './parsed.ts'
import type { Signed, Statement } from './signed.ts'

/** What a statement has to be for: the same words said to somebody else, or to do something else, are not these words. */
export type Expected = {
  readonly project: string
  readonly place: string
  readonly action: string
  /** For a word that was heard in time by somebody else, who hands it on: it counts when it had not expired by then. */
  readonly since?: number
}

export type Reading =
  | { readonly ok: true; readonly statement: Statement; readonly signed: Signed }
  /** `who`: whom it claims to be from, where it says so. */
  | { readonly ok: false; readonly problem: string; readonly who: string }

const LONGEST = 8192
const LONGEST_LIFE_MS = 15 * 60_000
/** Clocks of people's machines are never quite right. */
const SKEW_MS = 2 * 60_000
const NONCE = /^[A-Za-z0-9_-]{16,64}$/

/** Reads a signed word as far as that is possible without the keys. Never throws, whatever was sent. */
export function readStatement(sent: unknown, expected: Expected, nonces: readonly string[] | undefined, now: number): Reading {
  const { statement: text, signature } = fields(sent)
  if (typeof text !== 'string' || typeof signature !== 'string' || text.length > LONGEST || signature.length > LONGEST)
    return bad(`a signed word is { statement, signature }, each a text of at most ${LONGEST} characters`)
  const value = parsed(text)
  if (value === null) return bad('what was signed is not canonical JSON')
  const { format, project, place, action, message, who, nonce, at, expires } = value
  const name = typeof who === 'string' ? who.slice(0, 100) : ''
  if (typeof who !== 'string' || who.trim() === '' || who.length > 200 || typeof message !== 'object' || message === null)
    return bad('what was signed does not say who says what', name)
  if (format !== 'slipway/1') return bad(`what was signed has the format ${quoted(String(format))}, not "slipway/1"`, name)
  if (project !== expected.project || place !== expected.place)
    return bad(
      `it was signed for ${quoted(String(place))} of ${quoted(String(project))}, not for ${expected.place} of ${expected.project}`,
      name,
    )
  if (action !== expected.action) return bad(`what was signed is ${quoted(String(action))}, not ${expected.action}`, name)
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) return bad('what was signed has no nonce', name)
  if (!isTime(at) || !isTime(expires) || expires - at > LONGEST_LIFE_MS)
    return bad(`a signed word counts for ${LONGEST_LIFE_MS / 60_000} minutes at most`, name)
  const { since } = expected
  if (since !== undefined && expires <= since) return bad('it had expired before that to which it is said began', name)
  if (since === undefined && now >= expires)
    return bad('what was signed has expired: sign it anew, and look at the clock of this machine', name)
  if (at > now + SKEW_MS) return bad('it was signed in the future: look at the clock of the machine that signed', name)
  if (isUsed(nonces, nonce)) return bad('it was said already: a signed word counts once', name)
  const statement: Statement = { format, project, place, action, message: fields(message), who, nonce, at, expires }
  return { ok: true, statement, signed: { statement: text, signature } }
}

function bad(problem: string, who = ''): Reading {
  return { ok: false, problem, who }
}

/** Only the one way to write it: then nobody reads the same bytes otherwise. */
function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return canonicalJson(value) === text ? fields(value) : null
  } catch {
    // No JSON, or nested deeper than anybody reads.
    return null
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {}
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

/** The nonce that a signed word claims to have, where it can be read. Only to tell words apart: it is judged elsewhere. */
export function nonceOf(sent: unknown): string | null {
  const { statement } = fields(sent)
  const nonce = typeof statement === 'string' && statement.length <= LONGEST ? parsed(statement)?.['nonce'] : null
  return typeof nonce === 'string' && NONCE.test(nonce) ? nonce : null
}
