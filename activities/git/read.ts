import { quoted } from '../../domain/parsed.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import { permanent } from '../failure.ts'
import type { ObjectReader } from './object-reader.ts'
import { entryAt, treePath } from './tree.ts'

/** Null when there is no file at the path, or the path leads out of the repository. */
export async function readFileAt(
  objects: ObjectReader,
  revision: Revision,
  path: string,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const clean = treePath(path)
  const entry = clean === null ? null : await entryAt(objects, revision, clean, signal)
  const there = `${quoted(path)} at ${shortSha(revision)}`
  if (entry?.kind === 'link') {
    throw permanent('InvalidConfiguration', `${there} is a symbolic link, which Slipway does not follow: commit the file itself.`)
  }
  if (entry?.kind !== 'file') return null
  const info = await objects.info(entry.id, signal)
  if (info === null) return null
  if (info.bytes > limitBytes) {
    throw permanent('InvalidConfiguration', `${there} has ${info.bytes} bytes; at most ${limitBytes} are expected.`)
  }
  return (await objects.contents(entry.id, signal))?.content ?? null
}

/** git's id of the tree or blob at the path; '.' is the root. */
export async function objectIdAt(objects: ObjectReader, revision: Revision, path: string, signal: AbortSignal): Promise<string | null> {
  const clean = treePath(path)
  if (clean === null) return null
  const info = await objects.info(clean === '' ? `${revision}^{tree}` : `${revision}:${clean}`, signal)
  return info?.id ?? null
}
