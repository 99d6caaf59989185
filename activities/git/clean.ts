import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { collectGarbage, dropRefs, listHeldBranches } from './commands.ts'
import { gitEnvironment } from './environment.ts'
import { heldAt } from './held-refs.ts'
import { newestListing } from './listing-store.ts'
import { gitPaths, gitRoot, type GitPaths } from './paths.ts'
import { runGit, type GitCommand } from './run-git.ts'

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
/** A branch that is gone from the remote is kept so long after its last commit. */
const FORGOTTEN_MS = 90 * 24 * 60 * 60_000
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
      options.signal.throwIfAborted()
      const folder = join(paths.work, name)
      if (!(await isLeftOver(folder, name, options.now))) continue
      bytes += await bytesIn(folder)
      await rm(folder, { recursive: true, force: true })
      worktrees++
    }
    bytes += await packed(paths, options)
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

async function packed(paths: GitPaths, { environment, signal, now }: CleanOptions): Promise<number> {
  const before = await bytesIn(paths.mirror)
  const run = (command: GitCommand) =>
    runGit(command, {
      environment: gitEnvironment({ worker: environment, home: paths.root, config: paths.config }),
      cwd: paths.root,
      signal,
      timeoutMs: GC_TIMEOUT_MS,
    })
  await dropHalfPacks(join(paths.mirror, 'objects', 'pack'), now)
  const gone = await goneBranches(paths, (await run(listHeldBranches(paths.mirror))).stdout.toString('utf8'), now)
  if (gone.length > 0) await run(dropRefs(paths.mirror, gone))
  // One that fails, for another runs, leaves the mirror as it was.
  await run(collectGarbage(paths.mirror))
  return Math.max(0, before - (await bytesIn(paths.mirror)))
}

/** Old branches that the remote no longer had when it was last looked at. */
async function goneBranches(paths: GitPaths, held: string, now: number): Promise<readonly string[]> {
  const listing = await newestListing(paths.listings)
  if (listing === null) return []
  const there = new Set([...listing.keys()].map(heldAt))
  return held
    .split('\n')
    .map((line) => line.split(' ') as [string, string | undefined])
    .filter(([ref, seconds]) => ref !== '' && !there.has(ref) && now - Number(seconds) * 1000 > FORGOTTEN_MS)
    .map(([ref]) => ref)
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
