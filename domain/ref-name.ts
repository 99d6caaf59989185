import { parseFailure, type Parsed } from './parsed.ts'

/**
 * A branch or tag name that Slipway is willing to serve: letters, digits, `.`, `_`, `-`, `/`, with no part that begins
 * with `-` or `.`, no `..`, no `.lock`. Narrower than `git check-ref-format`, which lets `$(touch x)`, `a;reboot`,
 * backticks, U+200B and a leading `-` pass.
 */
export type RefName = string

const PART = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/

export function parseRefName(text: string): Parsed<RefName> {
  const parts = text.split('/')
  const valid =
    text.length <= 200 && parts.every((part) => PART.test(part) && !part.includes('..') && !part.endsWith('.lock') && !part.endsWith('.'))
  return valid ? { ok: true, value: text } : parseFailure(text, 'a branch or tag name of letters, digits, ".", "_", "-" and "/"')
}
