import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { collectGarbage } from './commands.ts'
import { gitEnvironment } from './environment.ts'
import { gitPaths, gitRoot } from './paths.ts'
import { runGit } from './run-git.ts'

export type Cleaned = {
  /** Folders of checkouts and other work that nobody uses any more. */
  readonly worktrees: number
  /** What their removal and the packing of the mirrors gave back. */
  readonly bytes: number
}

export type CleanOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: number
}

const LEFT_OVER_MS = 60 * 60_000
/** A process id may belong to somebody else by now: no work takes longer than this. */
const NEVER_IN_USE_MS = 24 * 60 * 60_000
const GC_TIMEOUT_MS = 60 * 60_000

/**
 * Removes what killed workers left behind, older than an hour and not in use, and packs the mirrors. Safe beside running
 * workers: what is here comes back from the remote, and git keeps unreachable objects for two weeks.
 */
export async function cleanWorktrees(stateFolder: string, options: CleanOptions): Promise<Cleaned> {
  const root = gitRoot(resolve(stateFolder))
  const names = await namesIn(root)
  let worktrees = 0
  let bytes = 0
  for (const project of names.filter((name) => names.includes(`${name}.git`))) {
    const paths = gitPaths(resolve(stateFolder), project)
    for (const name of await namesIn(paths.work)) {
      const folder = join(paths.work, name)
      if (!(await isLeftOver(folder, name, options.now))) continue
      bytes += await bytesIn(folder)
      await rm(folder, { recursive: true, force: true })
      worktrees++
    }
    bytes += await packed(paths.mirror, root, paths.config, options)
  }
  return { worktrees, bytes }
}

async function isLeftOver(folder: string, name: string, now: number): Promise<boolean> {
  const found = await stat(folder).catch(() => null)
  if (found === null) return false
  const ageMs = now - found.mtimeMs
  if (ageMs < LEFT_OVER_MS) return false
  const owner = /^checkout-(\d+)-/.exec(name)?.[1]
  return owner === undefined || ageMs > NEVER_IN_USE_MS || !isAlive(Number(owner))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function packed(mirror: string, root: string, config: string, { environment, signal, now }: CleanOptions): Promise<number> {
  const before = await bytesIn(mirror)
  await dropHalfPacks(join(mirror, 'objects', 'pack'), now)
  // One that fails, for another runs, leaves the mirror as it was.
  await runGit(collectGarbage(mirror), {
    environment: gitEnvironment({ worker: environment, home: root, config }),
    cwd: root,
    signal,
    timeoutMs: GC_TIMEOUT_MS,
  })
  return Math.max(0, before - (await bytesIn(mirror)))
}

/** A fetch that was killed leaves its half-written pack. */
async function dropHalfPacks(folder: string, now: number): Promise<void> {
  for (const name of (await namesIn(folder)).filter((each) => each.startsWith('tmp_'))) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    if (found !== null && now - found.mtimeMs > LEFT_OVER_MS) await rm(path, { force: true })
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  let bytes = 0
  for (const file of files) bytes += (await stat(file).catch(() => null))?.size ?? 0
  return bytes
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
