import { quoted } from '../../domain/parsed.ts'
import { nearest } from './nearest.ts'
import type { Path } from '../problem.ts'
import { maySecret } from './show.ts'

/** What may stand below a secret; anything else there can be the secret itself, written one colon too far. */
const KNOWN = ['username', 'password', 'passphrase', 'env', 'file', 'dockerConfig', 'keyFile', 'agent']

/** `["projects", "a b", 0]` → `projects["a b"][0]`; what could be a secret becomes `…`. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      if (!mayShow(part, path.slice(0, index))) return index === 0 ? '…' : '.…'
      if (!/^[A-Za-z0-9_-]{1,80}$/.test(part)) return `[${quoted(part)}]`
      return index === 0 ? part : `.${part}`
    })
    .join('')
}

/** A key as a message may show it. */
export function showKey(key: string, parent: Path): string {
  return mayShow(key, parent) ? quoted(key) : '(not shown)'
}

function mayShow(key: string, parent: Path): boolean {
  if (/:[^\s@]*@/.test(key)) return false
  if (!maySecret(parent)) return true
  if (parent.at(-1) === 'environment') return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
  return nearest(key, KNOWN) !== null
}
