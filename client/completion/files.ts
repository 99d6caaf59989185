import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Files and folders that a path could go on with. */
export async function fileNames(cwd: string, begun: string): Promise<string[]> {
  const folder = begun.slice(0, begun.lastIndexOf('/') + 1)
  try {
    const entries = await readdir(resolve(cwd, folder === '' ? '.' : folder), { withFileTypes: true })
    return entries.map((entry) => `${folder === '' ? '' : join(folder, '/')}${entry.name}${entry.isDirectory() ? '/' : ''}`)
  } catch {
    return []
  }
}
