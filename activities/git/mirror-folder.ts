import { randomUUID } from 'node:crypto'
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { initMirror } from './commands.ts'
import { GLOBAL_CONFIG, MIRROR_CONFIG } from './environment.ts'
import { codeOf, orTransient, readIfThere, writeWhole } from './files.ts'
import { gitFailure } from './classify.ts'
import type { GitPaths } from './paths.ts'
import { runGit, type RunOptions } from './run-git.ts'

/** Slipway's own folder for git, with the configuration that stands for a user's. */
export async function ensureRoot(paths: GitPaths): Promise<void> {
  await orTransient('make its folder for git', () => mkdir(paths.root, { recursive: true, mode: 0o700 }))
  if ((await readIfThere(paths.config)) !== GLOBAL_CONFIG) await writeWhole(paths.config, GLOBAL_CONFIG)
}

/**
 * Makes the bare mirror where it is not there yet: aside and then moved into place, so that it is whole however many
 * processes do it at once. True when it was not there.
 */
export async function ensureMirrorFolder(paths: GitPaths, format: 'sha1' | 'sha256', options: RunOptions): Promise<boolean> {
  if (await isMirror(paths.mirror)) return false
  const fresh = join(paths.work, `mirror-${randomUUID()}`)
  return orTransient('make the mirror', async () => {
    await mkdir(paths.work, { recursive: true })
    const made = await runGit(initMirror(fresh, format), options)
    if (made.exitCode !== 0) throw gitFailure('make the mirror', made.stderr)
    await appendFile(join(fresh, 'config'), MIRROR_CONFIG)
    try {
      await rename(fresh, paths.mirror)
    } catch (error) {
      await rm(fresh, { recursive: true, force: true })
      // Another process was first.
      if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error
    }
    return true
  })
}

async function isMirror(folder: string): Promise<boolean> {
  return stat(join(folder, 'HEAD')).then(
    () => true,
    () => false,
  )
}
