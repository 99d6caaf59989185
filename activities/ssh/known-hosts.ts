import { createHmac } from 'node:crypto'
import { keyTypeOf } from './public-key.ts'

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export type KnownHost = {
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  readonly hosts: HostPattern
  readonly key: Buffer
  readonly line: number
}

type HostPattern =
  | { readonly kind: 'hashed'; readonly salt: Buffer; readonly hash: Buffer }
  | { readonly kind: 'names'; readonly patterns: readonly { readonly negated: boolean; readonly glob: string }[] }

/** What the file says of a key that a host has shown. `lines` are those that it rests on, counted from 1. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** The file names the host with other keys of this type: the host, or who answers for it, has changed. */
  | { readonly kind: 'changed'; readonly lines: readonly number[] }
  /** The file names the host, with keys of other types only. */
  | { readonly kind: 'other-types'; readonly types: readonly string[]; readonly lines: readonly number[] }
  | { readonly kind: 'revoked'; readonly lines: readonly number[] }
  /** The file names only an authority for the host's certificates. */
  | { readonly kind: 'authority-only'; readonly lines: readonly number[] }
  | { readonly kind: 'unknown' }

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Reads the file's text. As in ssh itself, a line that cannot be read counts for nothing. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => parseLine(line, index + 1) ?? [])
}

/** @param address the host's name or address, as one would type it after `ssh` */
export function judgeHostKey(known: readonly KnownHost[], address: string, port: number, key: Buffer): HostKeyVerdict {
  const mine = linesFor(known, address, port)
  const revoked = mine.filter((each) => each.marker === 'revoked' && each.key.equals(key))
  if (revoked.length > 0) return { kind: 'revoked', lines: revoked.map((each) => each.line) }
  const plain = mine.filter((each) => each.marker === 'none')
  if (plain.some((each) => each.key.equals(key))) return { kind: 'known' }
  const sameType = plain.filter((each) => keyTypeOf(each.key) === keyTypeOf(key))
  if (sameType.length > 0) return { kind: 'changed', lines: sameType.map((each) => each.line) }
  if (plain.length > 0) return { kind: 'other-types', types: typesOf(plain), lines: plain.map((each) => each.line) }
  const authorities = mine.filter((each) => each.marker === 'cert-authority')
  if (authorities.length > 0) return { kind: 'authority-only', lines: authorities.map((each) => each.line) }
  return { kind: 'unknown' }
}

/** The types of the keys that the file knows of a host, so that the host is asked for one of them first. */
export function knownKeyTypes(known: readonly KnownHost[], address: string, port: number): readonly string[] {
  return typesOf(linesFor(known, address, port).filter((each) => each.marker === 'none'))
}

function linesFor(known: readonly KnownHost[], address: string, port: number): readonly KnownHost[] {
  const name = address.toLowerCase()
  const asked = port === 22 ? name : `[${name}]:${port}`
  return known.filter((each) => matches(each.hosts, asked))
}

function typesOf(lines: readonly KnownHost[]): readonly string[] {
  return [...new Set(lines.map((each) => keyTypeOf(each.key)))]
}

function matches(hosts: HostPattern, name: string): boolean {
  if (hosts.kind === 'hashed') return createHmac('sha1', hosts.salt).update(name).digest().equals(hosts.hash)
  const hits = hosts.patterns.filter((each) => globMatches(each.glob, name))
  return hits.length > 0 && hits.every((each) => !each.negated)
}

/** `*` stands for any characters, `?` for one; a `[` is only itself. Linear in time, for the file may be anybody's. */
export function globMatches(glob: string, text: string): boolean {
  let at = 0
  let from = 0
  let star = -1
  let retry = 0
  while (at < text.length) {
    if (glob[from] === '*') {
      star = from++
      retry = at
    } else if (from < glob.length && (glob[from] === '?' || glob[from] === text[at])) {
      from++
      at++
    } else if (star >= 0) {
      from = star + 1
      at = ++retry
    } else return false
  }
  while (glob[from] === '*') from++
  return from === glob.length
}

function parseLine(text: string, line: number): KnownHost | null {
  const fields = text.trim().split(/[ \t]+/)
  if (fields[0] === '' || fields[0]?.startsWith('#')) return null
  const marker = fields[0] === '@revoked' ? 'revoked' : fields[0] === '@cert-authority' ? 'cert-authority' : 'none'
  const [hosts, type, encoded] = marker === 'none' ? fields : fields.slice(1)
  if (!hosts || !type || !encoded || (marker === 'none' && hosts.startsWith('@'))) return null
  const pattern = parseHosts(hosts)
  // Buffer.from would read past whatever is no base64.
  if (!BASE64.test(encoded)) return null
  const key = Buffer.from(encoded, 'base64')
  return pattern && keyTypeOf(key) === type ? { marker, hosts: pattern, key, line } : null
}

function parseHosts(text: string): HostPattern | null {
  if (text.startsWith('|')) {
    const [, version, salt, hash] = text.split('|')
    if (version !== '1' || !salt || !hash) return null
    return { kind: 'hashed', salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
  }
  const patterns = text
    .toLowerCase()
    .split(',')
    .filter((each) => each !== '' && each !== '!')
    .map((each) => (each.startsWith('!') ? { negated: true, glob: each.slice(1) } : { negated: false, glob: each }))
  return { kind: 'names', patterns }
}
