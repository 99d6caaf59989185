import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

const SKIPPED = new Set(['node_modules', 'vendor', 'dist', 'build', 'target', 'bin', 'obj'])
const DEEPEST = 6
const MOST_FILES = 20_000

/** The files below a folder, relative to it with `/`, in a stable order; without hidden folders and what tools produce. */
export async function walk(root: string): Promise<string[]> {
  const files: string[] = []
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (files.length >= MOST_FILES) return
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!isPlain(entry.name)) continue
      if (entry.isFile()) files.push(path)
      else if (entry.isDirectory() && depth < DEEPEST && !SKIPPED.has(entry.name)) await visit(path, depth + 1)
    }
  }
  await visit('', 0)
  return files
}

/** What is written into a configuration file must not need escaping there. */
function isPlain(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)
}
