import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'

export type PrebuildInput = {
  /** The shell command of slipway.yaml. */
  readonly run: string
  /** The checkout, where it runs. */
  readonly folder: string
  /** The worker's own folder; the command's HOME is made below it, and removed. */
  readonly stateFolder: string
  readonly path: string
  readonly timeoutMs: number
  readonly onOutput: (text: string) => void
  readonly signal: AbortSignal
}

export type PrebuildEnd = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly how: string }

const TERM_GRACE_MS = 2_000
/** Longer than any pre-build may run. */
const HOME_LIVES_MS = 24 * 3_600_000

/**
 * Runs a pre-build with nothing of the worker's environment but the PATH. It is a process group of its own, and nothing
 * of it is left when this returns: not when it failed, nor when the attempt was cancelled (which throws the signal's reason).
 */
export async function runPrebuild(input: PrebuildInput): Promise<PrebuildEnd> {
  const homes = join(input.stateFolder, 'prebuild')
  await mkdir(homes, { recursive: true })
  await removeOldHomes(homes, Date.now() - HOME_LIVES_MS).catch(() => {})
  const home = await mkdtemp(join(homes, 'home-'))
  try {
    return await run(input, prebuildEnvironment(input.path, home))
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  }
}

/** A worker that was killed could not remove them, and package caches are large. */
async function removeOldHomes(homes: string, beforeMs: number): Promise<void> {
  for (const name of await readdir(homes)) {
    const { mtimeMs } = await stat(join(homes, name))
    if (mtimeMs < beforeMs) await rm(join(homes, name), { recursive: true, force: true })
  }
}

function prebuildEnvironment(path: string, home: string): Record<string, string> {
  return { PATH: path, HOME: home, LANG: 'C.UTF-8' }
}

function run(input: PrebuildInput, env: Record<string, string>): Promise<PrebuildEnd> {
  input.signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', input.run], { cwd: input.folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let stopped: 'cancelled' | 'late' | null = null
    let killer: NodeJS.Timeout | undefined
    const stop = (why: 'cancelled' | 'late') => {
      stopped ??= why
      killGroup(child.pid, 'SIGTERM')
      killer ??= setTimeout(() => killGroup(child.pid, 'SIGKILL'), TERM_GRACE_MS)
    }
    const cancel = () => stop('cancelled')
    input.signal.addEventListener('abort', cancel, { once: true })
    const deadline = setTimeout(() => stop('late'), input.timeoutMs)
    const tidy = () => {
      clearTimeout(deadline)
      clearTimeout(killer)
      input.signal.removeEventListener('abort', cancel)
    }
    for (const stream of [child.stdout, child.stderr]) {
      const decoder = new StringDecoder('utf8')
      stream.on('data', (chunk: Buffer) => input.onOutput(decoder.write(chunk)))
    }
    child.on('error', (error) => {
      tidy()
      reject(error)
    })
    // What it left running in the background would hold the pipes open, and goes with it.
    child.on('exit', () => killGroup(child.pid, 'SIGKILL'))
    child.on('close', (code, signal) => {
      tidy()
      if (stopped === 'cancelled') reject(input.signal.reason)
      else if (stopped === 'late')
        resolve({ kind: 'failed', how: `it was ended after ${input.timeoutMs / 1000} s (prebuild.timeoutSeconds)` })
      else if (code === 0) resolve({ kind: 'done' })
      else resolve({ kind: 'failed', how: code === null ? `it was ended by ${signal ?? 'a signal'}` : `it ended with code ${code}` })
    })
  })
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Already gone.
  }
}
