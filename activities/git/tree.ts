import type { Revision } from '../../domain/revision.ts'
import type { ObjectReader } from './object-reader.ts'

export type TreeEntry = { readonly kind: 'file' | 'link' | 'folder' | 'submodule'; readonly id: string }

/** The path as git trees have it: no leading `./`, no empty parts, '' for the root. Null when it leads out. */
export function treePath(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return path.startsWith('/') || parts.includes('..') || /[\0\n]/.test(path) ? null : parts.join('/')
}

/** What lies at the path, told by its folder: only there is said whether a blob is a file or a symbolic link. */
export async function entryAt(objects: ObjectReader, revision: Revision, path: string, signal: AbortSignal): Promise<TreeEntry | null> {
  if (path === '') return null
  const slash = path.lastIndexOf('/')
  const folder = slash < 0 ? `${revision}^{tree}` : `${revision}:${path.slice(0, slash)}`
  const tree = await objects.contents(folder, signal)
  if (tree?.info.type !== 'tree') return null
  return parseTree(tree.content, tree.info.id.length / 2).get(path.slice(slash + 1)) ?? null
}

/** git's own format: `<mode> <name>\0<id bytes>`, again and again. */
export function parseTree(content: Buffer, idBytes: number): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>()
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at)
    const end = content.indexOf(0x00, space)
    if (space < 0 || end < 0) break
    const id = content.subarray(end + 1, end + 1 + idBytes).toString('hex')
    entries.set(content.subarray(space + 1, end).toString('utf8'), { kind: kindOf(content.subarray(at, space).toString('latin1')), id })
    at = end + 1 + idBytes
  }
  return entries
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '120000') return 'link'
  if (mode === '160000') return 'submodule'
  return mode === '40000' ? 'folder' : 'file'
}
