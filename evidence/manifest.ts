import { createHash } from 'node:crypto'
import { parseFailure, quoted, type Parsed } from '../domain/parsed.ts'
import { isMemberPath, type Member } from './member.ts'

/** What sha256sum -c reads: a line for each member, sorted by its path. */
export const MANIFEST = 'MANIFEST.sha256'
/** ssh-keygen's signature over the manifest. */
export const MANIFEST_SIGNATURE = 'MANIFEST.sha256.sig'

export function formatManifest(members: readonly Member[]): string {
  const lines = members.map(({ path, bytes }) => `${sha256(bytes)}  ${path}\n`)
  return lines.toSorted((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('')
}

/** The digest of each member by its path. */
export function parseManifest(text: string): Parsed<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? []
    if (digest === undefined || path === undefined || !isMemberPath(path) || digests.has(path)) {
      return parseFailure(line, `${MANIFEST} with lines of a sha256 and a path, each path once`)
    }
    digests.set(path, digest)
  }
  return { ok: true, value: digests }
}

/** What differs between the members and the manifest, a sentence for each; empty when all is as it was. */
export function compareWithManifest(members: readonly Member[], digests: ReadonlyMap<string, string>): string[] {
  const own = new Set([MANIFEST, MANIFEST_SIGNATURE])
  const there = new Map(members.filter(({ path }) => !own.has(path)).map(({ path, bytes }) => [path, bytes]))
  const missing = [...digests.keys()].filter((path) => !there.has(path))
  return [
    ...[...there].flatMap(([path, bytes]) => {
      const expected = digests.get(path)
      if (expected === undefined) return [`${quoted(path)} is not in ${MANIFEST}`]
      return sha256(bytes) === expected ? [] : [`${quoted(path)} was changed: its sha256 is ${sha256(bytes)}, expected ${expected}`]
    }),
    ...missing.map((path) => `${quoted(path)} is in ${MANIFEST} and not in the bundle`),
  ]
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
