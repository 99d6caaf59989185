import { resolve } from 'node:path'
import { quoted } from '../../domain/parsed.ts'
import { parseRevision, shortSha, type Revision } from '../../domain/revision.ts'
import type { ActivityDeps } from '../context.ts'
import { permanent } from '../failure.ts'
import { gitFailure, troubleOf } from './classify.ts'
import { listRefs, readObjects, type Want } from './commands.ts'
import { checkOutIn } from './checkout.ts'
import { gitEnvironment } from './environment.ts'
import { fetchWants, type FetchContext } from './fetch.ts'
import { isDiskFull } from './files.ts'
import { parseListing, type Listing } from './listing.ts'
import { createLock } from './lock.ts'
import { ensureMirrorFolder, ensureRoot } from './mirror-folder.ts'
import type { Mirror } from './mirror.ts'
import { objectIdAt, readFileAt } from './read.ts'
import { createObjectReader, type ObjectReader } from './object-reader.ts'
import { gitPaths, type GitPaths } from './paths.ts'
import { openRemote, redact, type Remote } from './remote.ts'
import { runGit, type GitCommand, type GitOutcome } from './run-git.ts'
import { projectEstate } from '../estate.ts'

export type MirrorDeps = Pick<ActivityDeps, 'estate' | 'stateFolder' | 'environment'> & {
  /** Milliseconds since 1970, to tell left-over files by their age. Default: the machine's clock. */
  readonly now?: () => number
}

/** A mirror, and what the git activities do with it beyond reading. */
export type GitMirror = Mirror & {
  readonly paths: GitPaths
  readonly objects: ObjectReader
  /** Makes the mirror where it is missing, for a repository whose revisions are like this one. */
  readonly prepare: (like: Revision, signal: AbortSignal) => Promise<void>
  /** All branches and tags of the remote, by one connection. May be empty. */
  readonly list: (signal: AbortSignal) => Promise<Listing>
  /** Fetches these objects by one connection; none when all are here. 'gone': the remote has not got one of them. */
  readonly fetch: (wants: readonly Want[], signal: AbortSignal) => Promise<'here' | 'gone'>
  /** Runs git with access to the remote; its words come back without secrets. */
  readonly atRemote: (command: (remote: Remote) => GitCommand, signal: AbortSignal) => Promise<GitOutcome>
  /** Runs git on the mirror alone. `allowed` exit codes are outcomes, others a failure that says what was done. */
  readonly git: (command: GitCommand, doing: string, signal: AbortSignal, more?: LocalOptions) => Promise<GitOutcome>
  /** Ends the process that reads objects; it would also end by itself. */
  readonly close: () => void
}

export type LocalOptions = {
  readonly allowed?: readonly number[]
  readonly timeoutMs?: number
  readonly environment?: Readonly<Record<string, string>>
}

const LOCAL_TIMEOUT_MS = 120_000
const REMOTE_TIMEOUT_MS = 60_000
const READ_LIMIT_BYTES = 16 * 1024 * 1024

/** @throws permanent `InvalidConfiguration` when the estate knows no such project */
export function openMirror(deps: MirrorDeps, project: string): GitMirror {
  const estate = projectEstate(deps.estate, project)
  const stateFolder = resolve(deps.stateFolder)
  const paths = gitPaths(stateFolder, project)
  const local = gitEnvironment({ worker: deps.environment, home: paths.root, config: paths.config })
  const objects = createObjectReader({ command: readObjects(paths.mirror), cwd: paths.root, environment: local })
  const where = estate.repository.url
  const remote = (signal: AbortSignal) => openRemote(estate.repository, paths, deps, signal)
  const localRun = { environment: local, cwd: paths.root, timeoutMs: LOCAL_TIMEOUT_MS }

  const prepare: GitMirror['prepare'] = async (revision, signal) => {
    await ensureRoot(paths)
    const made = await ensureMirrorFolder(paths, revision.length === 64 ? 'sha256' : 'sha1', { ...localRun, signal })
    // Whoever reads would still see a mirror that was removed.
    if (made) objects.close()
  }
  const git: GitMirror['git'] = async (command, doing, signal, { allowed = [0], timeoutMs = LOCAL_TIMEOUT_MS, environment = {} } = {}) => {
    const outcome = await runGit(command, { ...localRun, timeoutMs, environment: { ...local, ...environment }, signal })
    if (allowed.includes(outcome.exitCode)) return outcome
    // A checkout does not say why a file could not be written.
    const full = troubleOf(outcome.stderr) === 'unknown' && (await isDiskFull(paths.root))
    throw gitFailure(doing, full ? `${outcome.stderr}\nNo space left on device` : outcome.stderr)
  }
  const atRemote: GitMirror['atRemote'] = async (command, signal) => {
    await ensureRoot(paths)
    const there = await remote(signal)
    const outcome = await runGit(command(there), { environment: there.environment, cwd: paths.root, signal, timeoutMs: REMOTE_TIMEOUT_MS })
    return { ...outcome, stderr: redact(outcome.stderr, there.secrets) }
  }
  const fetching: FetchContext = { paths, where, remote, objects, lock: createLock(), now: deps.now ?? Date.now, fetches: 0 }
  const fetch: GitMirror['fetch'] = async (wants, signal) => {
    if (wants.length === 0) return 'here'
    await prepare(wants[0]!.object, signal)
    return fetchWants(fetching, wants, signal)
  }
  const has = async (revision: Revision, signal: AbortSignal) => (await objects.info(revision, signal))?.type === 'commit'

  const ensure: Mirror['ensure'] = async (revision, signal) => {
    if (!parseRevision(revision).ok) throw permanent('NotFound', `expected a full commit SHA, found ${quoted(revision)}.`)
    await prepare(revision, signal)
    if (await has(revision, signal)) return
    // Few names for many revisions: what is fetched this way stays for a while, and the mirror's refs stay few.
    await fetch([{ object: revision, ref: `refs/slipway/revisions/${revision.slice(0, 2)}` }], signal)
    if (await has(revision, signal)) return
    throw permanent('NotFound', `The commit ${shortSha(revision)} is not on the remote ${where}: push it, or name one that is there.`)
  }

  return {
    paths,
    objects,
    prepare,
    ensure,
    fetch,
    git,
    atRemote,
    close: objects.close,
    list: async (signal) => {
      const outcome = await atRemote(({ url }) => listRefs(url), signal)
      if (outcome.exitCode !== 0) throw gitFailure(`list the refs of ${where}`, outcome.stderr)
      return parseListing(outcome.stdout)
    },
    readFile: async (revision, path, signal, limitBytes = READ_LIMIT_BYTES) => {
      await ensure(revision, signal)
      return readFileAt(objects, revision, path, limitBytes, signal)
    },
    objectId: async (revision, path, signal) => {
      await ensure(revision, signal)
      return objectIdAt(objects, revision, path, signal)
    },
    checkout: async (revision, signal) => {
      await ensure(revision, signal)
      return checkOutIn(paths, revision, git, signal)
    },
  }
}
