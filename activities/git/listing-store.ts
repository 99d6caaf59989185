import { access, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { orTransient, readIfThere, writeWhole } from './files.ts'
import { cursorOf, formatListing, parseListing, type Listing } from './listing.ts'

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

/** Keeps the listing and gives its cursor. */
export async function saveListing(folder: string, listing: Listing): Promise<string> {
  const bytes = formatListing(listing)
  const cursor = cursorOf(bytes)
  const path = join(folder, cursor)
  if (await isThere(path)) return cursor
  await writeWhole(path, bytes)
  await dropOldest(folder)
  return cursor
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function dropOldest(folder: string): Promise<void> {
  const names = await orTransient('tidy its listings', () => readdir(folder))
  if (names.length <= KEPT + 8) return
  const dated = await Promise.all(names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })))
  const oldest = dated.toSorted((a, b) => b.at - a.at).slice(KEPT)
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true }).catch(() => {})))
}
