import { access, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { orTransient, readIfThere, writeWhole } from './files.ts'
import { cursorOf, parseListing, type Listing, type NamedListing } from './listing.ts'

/**
 * Listings that cursors name, one file each. The last ones are kept: an attempt that is repeated asks with the cursor
 * before, a workflow that is reset with an older one.
 */
const KEPT = 64

/** Null when the cursor is not known here, or its file is damaged. */
export async function loadListing(folder: string, cursor: string): Promise<Listing | null> {
  if (!/^[0-9a-f]{64}$/.test(cursor)) return null
  const text = await readIfThere(join(folder, cursor), 'latin1')
  if (text === null) return null
  const bytes = Buffer.from(text, 'latin1')
  if (cursorOf(bytes) === cursor) return parseListing(bytes)
  await rm(join(folder, cursor), { force: true })
  return null
}

export async function saveListing(folder: string, { bytes, cursor }: NamedListing): Promise<void> {
  const path = join(folder, cursor)
  if (await isThere(path)) return
  await writeWhole(path, bytes)
  await dropOldest(folder)
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** The listing that was kept last; null when there is none. */
export async function newestListing(folder: string): Promise<Listing | null> {
  const [newest] = await byAge(folder, await readdir(folder).catch(() => []))
  return newest === undefined ? null : loadListing(folder, newest)
}

async function dropOldest(folder: string): Promise<void> {
  const names = await orTransient('tidy its listings', () => readdir(folder))
  if (names.length <= KEPT + 8) return
  const oldest = (await byAge(folder, names)).slice(KEPT)
  await Promise.all(oldest.map((name) => rm(join(folder, name), { force: true }).catch(() => {})))
}

/** The newest first. */
async function byAge(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  )
  return dated.toSorted((a, b) => b.at - a.at).map(({ name }) => name)
}
