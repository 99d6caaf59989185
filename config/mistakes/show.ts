import { quoted } from '../../domain/parsed.ts'
import type { Path } from '../problem.ts'

/** A value as a message may show it: short, escaped, and not at all where it could be a secret. */
export function show(value: unknown, path: Path): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object') return showMapping(value, path)
  if (typeof value === 'boolean') return String(value)
  if (maySecret(path)) return `a ${typeof value === 'string' ? 'text' : 'number'} (not shown)`
  return typeof value === 'string' ? quoted(withoutUserInfo(value)) : String(Number(value))
}

const SECRET_KEYS = new Set(['credentials', 'login', 'passphrase', 'password'])
/** Below these stand names that the user chose: a project may well be called "login". */
const NAMED = new Set(['projects', 'environments', 'services', 'hosts', 'clusters'])

/** True where a value, or what somebody wrongly put there, may be a secret. */
export function maySecret(path: Path): boolean {
  const last = path.at(-1)
  if (typeof last === 'string' && /credential|pass|secret|token|private|^auth/i.test(last)) return true
  return path.some((part, index) => {
    const parent = path[index - 1]
    if (typeof parent === 'string' && NAMED.has(parent)) return false
    return SECRET_KEYS.has(String(part)) || (part === 'environment' && parent === 'compose')
  })
}

function showMapping(value: object, path: Path): string {
  const keys = Object.keys(value)
  if (keys.length === 0) return 'an empty mapping'
  if (maySecret(path)) return 'a mapping (not shown)'
  const shown = keys.slice(0, 4).map((key) => quoted(withoutUserInfo(key)))
  return `a mapping with ${shown.join(', ')}${keys.length > 4 ? ', …' : ''}`
}

/** `https://user:password@host` → `https:…@host`: a password in an address is a mistake that is reported, not repeated. */
function withoutUserInfo(text: string): string {
  return text.replaceAll(/:[^\s@]*@/g, ':…@')
}
