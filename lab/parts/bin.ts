import { link, copyFile, mkdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from '../layout.ts'

/** Names in the lab's bin folder that point at programs elsewhere; a name without a program is left out. */
export async function linkBin(layout: Layout, links: Record<string, string | undefined>): Promise<void> {
  await mkdir(layout.bin, { recursive: true, mode: 0o755 })
  for (const [name, target] of Object.entries(links)) {
    if (target === undefined) continue
    const next = join(layout.bin, `.${name}.next`)
    await rm(next, { force: true })
    await symlink(target, next)
    await rename(next, join(layout.bin, name))
  }
}

/** Puts the file itself there: the ssh user may not be able to reach a cache below somebody's home. */
export async function placeInBin(layout: Layout, name: string, source: string): Promise<string> {
  await mkdir(layout.bin, { recursive: true, mode: 0o755 })
  const target = join(layout.bin, name)
  const [have, want] = await Promise.all([stat(target).catch(() => undefined), stat(source)])
  if (have?.size === want.size && have.mtimeMs >= want.mtimeMs) return target
  const next = `${target}.next`
  await rm(next, { force: true })
  await link(source, next).catch(() => copyFile(source, next))
  await rename(next, target)
  return target
}
