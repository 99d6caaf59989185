import { randomBytes } from 'node:crypto'
import { canonicalJson } from '../../domain/canonical-json.ts'
import type { Signed, Statement } from '../../domain/signed.ts'
import type { GlobalOptions } from '../context.ts'
import type { Io } from '../io.ts'
import { findKey } from './key.ts'
import { signWith } from './ssh-keygen.ts'
import { signerName } from './name.ts'

export type Words = Pick<Statement, 'project' | 'place' | 'action' | 'message'>

/** Signs what a person says. @returns null when nobody has to sign, and no key was named */
export type Signer = (words: Words, isAsked: () => Promise<boolean>) => Promise<Signed | null>

/** Long enough to type a passphrase and to touch a key. */
const COUNTS_FOR_MS = 5 * 60_000

/**
 * With a key that was named everything is signed. The key that git signs with is used where signed words are asked for:
 * who tries Slipway on one machine needs no signers.
 */
export function createSigner(io: Io, options: GlobalOptions): Signer {
  return async (words, isAsked) => {
    const key = await findKey(io, options)
    if (key === null || (!key.named && !(await isAsked()))) return null
    const text = makeStatement(words, { who: await signerName(io, options), nonce: randomBytes(18).toString('base64url'), now: io.now() })
    return { statement: text, signature: await signWith(key.file, text, io) }
  }
}

export function makeStatement(words: Words, { who, nonce, now }: { who: string; nonce: string; now: number }): string {
  const statement: Statement = { format: 'slipway/1', ...words, who, nonce, at: now, expires: now + COUNTS_FOR_MS }
  return canonicalJson(statement)
}
