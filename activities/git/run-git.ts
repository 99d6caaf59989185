import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { permanent, transient } from '../failure.ts'

/** A git command as the pure builders give it. `stdin` is data, never options. */
export type GitCommand = { readonly args: readonly string[]; readonly stdin?: string }

export type GitOutcome = {
  readonly exitCode: number
  readonly stdout: Buffer
  /** The last 16 KiB. */
  readonly stderr: string
}

export type RunOptions = {
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** More output than this ends the command. */
  readonly limitBytes?: number
  /** git itself, or another program of the same family. */
  readonly program?: 'git' | 'ssh-keyscan'
}

const LIMIT_BYTES = 64 * 1024 * 1024
const STDERR_BYTES = 16 * 1024
const KILL_AFTER_MS = 1000

/**
 * Runs git in a process group of its own, so that its ssh, its helpers and its transports end with it. An exit code that
 * is not 0 is an outcome for the caller to judge.
 *
 * @throws the signal's reason when it was aborted; transient after the timeout; permanent `InvalidConfiguration` when git
 *   is not installed or says more than the limit
 */
export async function runGit(command: GitCommand, options: RunOptions): Promise<GitOutcome> {
  const { signal, timeoutMs, limitBytes = LIMIT_BYTES, program = 'git' } = options
  signal.throwIfAborted()
  const child = execa(program, command.args, {
    env: options.environment,
    extendEnv: false,
    cwd: options.cwd,
    ...(command.stdin === undefined ? { stdin: 'ignore' } : { input: command.stdin }),
    encoding: 'buffer',
    stripFinalNewline: false,
    buffer: { stdout: true, stderr: false },
    maxBuffer: { stdout: limitBytes },
    detached: true,
    cleanup: false,
    reject: false,
  })
  const stderr = tailOf(child.stderr)
  let timedOut = false
  const end = () => endGroup(child.pid)
  const timer = setTimeout(() => {
    timedOut = true
    end()
  }, timeoutMs)
  signal.addEventListener('abort', end, { once: true })
  const result = await child
  clearTimeout(timer)
  signal.removeEventListener('abort', end)
  signal.throwIfAborted()
  const doing = `${program} ${command.args.find((arg) => !arg.startsWith('-')) ?? ''}`.trim()
  if (timedOut) throw transient(`${doing} took longer than ${Math.round(timeoutMs / 1000)} s and was ended; it is tried again.`)
  if (result.isMaxBuffer) {
    end()
    throw permanent('InvalidConfiguration', `${doing} gave more than ${Math.round(limitBytes / 1024 / 1024)} MiB and was ended.`)
  }
  if (result.code === 'ENOENT') {
    if (!existsSync(options.cwd)) throw transient(`${doing} could not start: the folder ${options.cwd} is not there any more; it is made anew.`)
    throw permanent('InvalidConfiguration', `${program} is not installed where this worker runs, or its folder is not in PATH. Install ${program === 'git' ? 'git 2.39 or newer' : "OpenSSH's client"}.`)
  }
  if (result.exitCode === undefined) throw transient(`${doing} was ended by ${result.signal ?? result.code ?? 'something else'}; it is tried again.`)
  return { exitCode: result.exitCode, stdout: Buffer.from(result.stdout), stderr: stderr() }
}

function tailOf(stream: NodeJS.ReadableStream | null): () => string {
  let tail = Buffer.alloc(0)
  stream?.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_BYTES)
  })
  return () => tail.toString('utf8')
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  kill(pid, 'SIGTERM')
  setTimeout(() => kill(pid, 'SIGKILL'), KILL_AFTER_MS).unref()
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It ended by itself.
  }
}
