import { setTimeout as sleep } from 'node:timers/promises'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gitFailure, troubleOf } from './classify.ts'
import { fetchBranches, fetchObjects, type Want } from './commands.ts'
import type { Lock } from './lock.ts'
import type { ObjectReader } from './object-reader.ts'
import type { GitPaths } from './paths.ts'
import { redact, type Remote } from './remote.ts'
import { runGit, type GitCommand, type GitOutcome } from './run-git.ts'

export type FetchContext = {
  readonly paths: GitPaths
  readonly where: string
  readonly remote: (signal: AbortSignal) => Promise<Remote>
  readonly objects: ObjectReader
  readonly lock: Lock
  readonly now: () => number
  /** So many fetches this process has begun. */
  fetches: number
}

/** A first fetch brings the whole repository. */
const TIMEOUT_MS = 30 * 60_000
/** git looks at every so manieth fetch whether the mirror wants packing, and does it in the background. */
const MAINTAIN_EVERY = 16
const LOCK_TRIES = 40
const LOCK_WAIT_MS = 50
const STALE_LOCK_MS = 10 * 60_000

/**
 * Fetches what is not here yet; 'gone' when the remote has not got one of them or hands it out no more. Within the process
 * one fetch of a mirror runs at a time, and who waited finds what the one before brought; between processes git's own locks
 * decide, and the loser looks again.
 */
export async function fetchWants(context: FetchContext, wants: readonly Want[], signal: AbortSignal): Promise<'here' | 'gone'> {
  return context.lock(async () => {
    for (let attempt = 0; ; attempt++) {
      const missing = await missingOf(context.objects, wants, signal)
      if (missing.length === 0) return 'here'
      const outcome = await fetchOnce(context, missing, signal)
      const trouble = troubleOf(outcome.stderr)
      // A remote of the old kind gave all its branches, and perhaps not what was wanted.
      if (outcome.exitCode === 0) return (await missingOf(context.objects, missing, signal)).length === 0 ? 'here' : 'gone'
      if (trouble === 'gone') return 'gone'
      if (trouble !== 'locked' || attempt >= LOCK_TRIES) throw gitFailure(`fetch from ${context.where}`, outcome.stderr)
      await dropStaleLocks(context.paths.mirror, context.now())
      await sleep(LOCK_WAIT_MS, undefined, { signal })
    }
  }, signal)
}

async function missingOf(objects: ObjectReader, wants: readonly Want[], signal: AbortSignal): Promise<readonly Want[]> {
  const infos = await Promise.all(wants.map(({ object }) => objects.info(object, signal)))
  return wants.filter((_, index) => infos[index] === null)
}

async function fetchOnce(context: FetchContext, wants: readonly Want[], signal: AbortSignal): Promise<GitOutcome> {
  const { mirror, root } = context.paths
  const { url, environment, secrets } = await context.remote(signal)
  const run = async (command: GitCommand) => {
    const outcome = await runGit(command, { environment, cwd: root, signal, timeoutMs: TIMEOUT_MS })
    return { ...outcome, stderr: redact(outcome.stderr, secrets) }
  }
  const outcome = await run(fetchObjects(mirror, url, wants, context.fetches++ % MAINTAIN_EVERY === 0))
  // git before 2.18, or an ssh host that does not accept GIT_PROTOCOL, hands out tips only.
  return /unadvertised object/.test(outcome.stderr) ? run(fetchBranches(mirror, url)) : outcome
}

/** A git that was killed leaves its locks behind; nobody holds a ref's lock for minutes. */
async function dropStaleLocks(mirror: string, now: number): Promise<void> {
  const files = await readdir(join(mirror, 'refs'), { recursive: true }).catch(() => [])
  const locks = [...files.filter((file) => file.endsWith('.lock')).map((file) => join('refs', file)), 'packed-refs.lock']
  for (const lock of locks) {
    const path = join(mirror, lock)
    const age = now - ((await stat(path).catch(() => null))?.mtimeMs ?? now)
    if (age > STALE_LOCK_MS) await rm(path, { force: true })
  }
}
