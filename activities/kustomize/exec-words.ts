import { stripVTControlCharacters } from 'node:util'
import { redactor } from '../compose/redact.ts'

const MOST_SHOWN = 300

/** `token=…`, `"password": "…"`; the name stays. */
const NAMED = /((?:token|secret|passw(?:or)?d|api-?key)["']?\s*[:=]\s*["']?)[^\s"',}]{8,}/gi
/** `Authorization: Bearer …`, as a trace of a request has it. */
const HEADER = /\b(bearer|basic)\s+[^\s"',}]{8,}/gi
/** JSON Web Tokens; long runs of hexadecimal digits; long runs that mix capitals, small letters and digits. */
const LOOKS_SECRET = /eyJ[\w.-]{8,}|\b[0-9a-f]{32,}\b|(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[A-Z])(?=[\w+/=.-]*[a-z])[\w+/=.-]{32,}/g

/**
 * The last line that a credential plugin said on stderr, fit for a message: mostly it is the reason. What looks like a
 * credential is taken out, for a plugin that logs its requests says those too. Null when it said nothing.
 */
export function lastWords(stderr: string, secrets: readonly string[]): string | null {
  const lines = stripVTControlCharacters(stderr).split(/[\r\n]+/)
  const last = lines.findLast((line) => line.trim() !== '')?.trim()
  if (last === undefined) return null
  // A line of megabytes is cut before it is searched.
  const looked = redactor(secrets)(last.slice(0, 4 * MOST_SHOWN))
    .replace(NAMED, '$1***')
    .replace(HEADER, '$1 ***')
    .replace(LOOKS_SECRET, '***')
  return looked.slice(0, MOST_SHOWN)
}
