import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
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
  /** git itself, or another program that it works with. */
  readonly program?: 'git' | 'ssh-keyscan' | 'ssh-keygen'
}

const LIMIT_BYTES = 64 * 1024 * 1024

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
  const end = await run(program, command, { ...options, limitBytes })
  signal.throwIfAborted()
  const doing = `${program} ${command.args.find((arg) => !arg.startsWith('-')) ?? ''}`.trim()
  if (end.how === 'exited') return end.outcome
  throw failureOf(end, { doing, program, cwd: options.cwd, timeoutMs, limitBytes })
}

type Circumstances = Pick<RunOptions, 'cwd' | 'timeoutMs'> & {
  readonly doing: string
  readonly program: string
  readonly limitBytes: number
}

function failureOf(end: Exclude<End, { how: 'exited' }>, { doing, program, cwd, timeoutMs, limitBytes }: Circumstances): Error {
  if (end.how === 'late') return transient(`${doing} took longer than ${Math.round(timeoutMs / 1000)} s and was ended; it is tried again.`)
  if (end.how === 'tooMuch') {
    return permanent('InvalidConfiguration', `${doing} gave more than ${Math.round(limitBytes / 1024 / 1024)} MiB and was ended.`)
  }
  return end.how === 'killed'
    ? transient(`${doing} was ended by ${end.signal}; it is tried again.`)
    : notStarted(program, doing, cwd, end.error)
}

function notStarted(program: string, doing: string, cwd: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return transient(`${doing} could not start: ${error.code ?? error.message}; it is tried again.`)
  if (!existsSync(cwd)) return transient(`${doing} could not start: the folder ${cwd} is not there any more; it is made anew.`)
  const what = program === 'git' ? 'git 2.39 or newer' : "OpenSSH's client"
  return permanent(
    'InvalidConfiguration',
    `${program} is not installed where this worker runs, or its folder is not in PATH. Install ${what}.`,
  )
}

type End =
  | { readonly how: 'exited'; readonly outcome: GitOutcome }
  | { readonly how: 'late' }
  | { readonly how: 'tooMuch' }
  | { readonly how: 'killed'; readonly signal: string }
  | { readonly how: 'notStarted'; readonly error: NodeJS.ErrnoException }

const STDERR_BYTES = 16 * 1024

/** Node's own spawn: execa takes one to two milliseconds more, and a look starts several processes. */
function run(program: string, command: GitCommand, options: RunOptions & { readonly limitBytes: number }): Promise<End> {
  const { environment, cwd, signal, timeoutMs, limitBytes } = options
  return new Promise((resolve) => {
    const child = spawn(program, command.args, { env: environment, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    const stdout: Buffer[] = []
    let bytes = 0
    let stderr = Buffer.alloc(0)
    let early: 'late' | 'tooMuch' | null = null
    const endFor = (why: 'late' | 'tooMuch') => {
      early ??= why
      endGroup(child.pid)
    }
    const abort = () => endGroup(child.pid)
    const timer = setTimeout(() => endFor('late'), timeoutMs)
    signal.addEventListener('abort', abort, { once: true })
    const settle = (end: End) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      resolve(end)
    }

    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limitBytes) endFor('tooMuch')
      else stdout.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_BYTES)
    })
    // A git that ends before it read everything says by its exit code what happened.
    child.stdin.on('error', () => {})
    child.stdin.end(command.stdin)
    child.on('error', (error) => settle({ how: 'notStarted', error }))
    child.on('close', (exitCode, killer) => {
      if (early !== null) settle({ how: early })
      else if (exitCode === null) settle({ how: 'killed', signal: killer ?? 'something else' })
      else settle({ how: 'exited', outcome: { exitCode, stdout: Buffer.concat(stdout), stderr: stderr.toString('utf8') } })
    })
  })
}

const KILL_AFTER_MS = 1000

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
