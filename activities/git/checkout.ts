import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { shortSha, type Revision } from '../../domain/revision.ts'
import { checkOut } from './commands.ts'
import { orTransient } from './files.ts'
import type { GitMirror } from './open-mirror.ts'
import type { GitPaths } from './paths.ts'

const TIMEOUT_MS = 10 * 60_000

/**
 * The revision's files in a folder of their own, without a `.git`: nothing that runs there finds the mirror. Attributes
 * count as in every checkout, but filters and hooks would need a configuration, and there is none.
 */
export async function checkOutIn(paths: GitPaths, revision: Revision, git: GitMirror['git'], signal: AbortSignal) {
  const own = await orTransient('make a folder for a checkout', async () => {
    await mkdir(paths.work, { recursive: true })
    const made = await mkdtemp(join(paths.work, `checkout-${process.pid}-`))
    await mkdir(join(made, 'tree'))
    return made
  })
  const folder = join(own, 'tree')
  const release = () => rm(own, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  try {
    const environment = { GIT_INDEX_FILE: join(own, 'index') }
    await git(checkOut(paths.mirror, folder, revision), `check out ${shortSha(revision)}`, signal, { timeoutMs: TIMEOUT_MS, environment })
    return { folder, release }
  } catch (error) {
    await release()
    throw error
  }
}
