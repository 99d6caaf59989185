import { canonicalJson } from '../../domain/canonical-json.ts'
import type { Digest } from '../../domain/digest.ts'
import type { Signed, Statement } from '../../domain/signed.ts'
import { digestOf } from '../registry/client.ts'

/** What is kept of a signed word, byte by byte: its digest is what the record names it by. */
export function keptBytes({ statement, signature }: Signed): Buffer {
  return Buffer.from(canonicalJson({ statement, signature }))
}

/** The verified words in these histories, from the store's digest of each to its bytes: also those that the store could not take. */
export function verifiedIn(values: readonly unknown[]): ReadonlyMap<Digest, Buffer> {
  const fields = values.map(
    (value) => (value ?? {}) as { readonly signed?: Partial<Signed>; readonly ok?: unknown; readonly statement?: unknown },
  )
  const verified = new Set(fields.flatMap(({ ok, statement }) => (ok === true ? [statement] : [])))
  const asked = fields.flatMap(({ signed }) => {
    if (typeof signed?.statement !== 'string' || typeof signed.signature !== 'string') return []
    return [keptBytes({ statement: signed.statement, signature: signed.signature })]
  })
  return new Map(asked.map((bytes) => [digestOf(bytes), bytes] as const).filter(([digest]) => verified.has(digest)))
}

/** Milliseconds since 1970: when a kept word was signed. */
export function signedAt(kept: Buffer): number {
  const { statement } = JSON.parse(kept.toString('utf8')) as Signed
  return (JSON.parse(statement) as Statement).at
}
