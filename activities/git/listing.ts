import { createHash } from 'node:crypto'

/** A ref of the remote. `object` is what it names, `commit` the same peeled: an annotated tag's commit. */
export type ListedRef = { readonly object: string; readonly commit: string }

/**
 * The remote's branches and tags by full name. A name is kept byte by byte (latin1), for git does not promise UTF-8; those
 * that Slipway serves are ASCII.
 */
export type Listing = ReadonlyMap<string, ListedRef>

const LINE = /^([0-9a-f]{40}|[0-9a-f]{64})\t(refs\/(?:heads|tags)\/[^\0]+?)(\^\{\})?$/

/** Reads what `git ls-remote` prints. Lines that are no branch and no tag are left out. */
export function parseListing(output: Buffer): Listing {
  const listing = new Map<string, ListedRef>()
  for (const line of output.toString('latin1').split('\n')) {
    const match = LINE.exec(line)
    if (!match) continue
    const [, sha, ref, peeled] = match as unknown as [string, string, string, string | undefined]
    const known = listing.get(ref)
    listing.set(ref, peeled ? { object: known?.object ?? sha, commit: sha } : { object: sha, commit: known?.commit ?? sha })
  }
  return listing
}

/** A listing as it is kept, and its name: the sha256 of those bytes. */
export type NamedListing = { readonly bytes: Buffer; readonly cursor: string }

export function nameListing(listing: Listing): NamedListing {
  const bytes = formatListing(listing)
  return { bytes, cursor: cursorOf(bytes) }
}

/** As `git ls-remote` prints it, sorted by name: the same listing gives the same bytes. */
export function formatListing(listing: Listing): Buffer {
  const lines: string[] = []
  for (const ref of sortedNames(listing)) {
    const { object, commit } = listing.get(ref)!
    lines.push(object, '\t', ref, '\n')
    if (object !== commit) lines.push(commit, '\t', ref, '^{}\n')
  }
  return Buffer.from(lines.join(''), 'latin1')
}

/** A remote lists its refs sorted, most of the time. */
function sortedNames(listing: Listing): readonly string[] {
  const names = [...listing.keys()]
  return names.every((name, index) => index === 0 || names[index - 1]! < name) ? names : names.toSorted(byCodeUnit)
}

export function cursorOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A ref's name for people: latin1 read as the UTF-8 that it most likely is. */
export function readableName(ref: string): string {
  return Buffer.from(ref, 'latin1').toString('utf8')
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
