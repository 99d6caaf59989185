import { parseFailure, type Parsed } from './parsed.ts'

/** A content digest as registries write it: `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = string

export function parseDigest(text: string): Parsed<Digest> {
  return /^sha256:[0-9a-f]{64}$/.test(text)
    ? { ok: true, value: text }
    : parseFailure(text, 'a digest such as sha256:<64 hexadecimal digits>')
}

/** The first twelve digits, for screens and search attributes. */
export function shortDigest(digest: Digest): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
