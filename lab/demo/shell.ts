import { spawn, type ChildProcess } from 'node:child_process'
import type { Screen } from './screen.ts'

/** The one place where the demo's lines are run: what is printed is what `sh` gets. */
export type Shell = {
  /** Prints the line as a person would type it, runs just that, and leaves what it says on the screen. */
  readonly run: (line: string, options?: LineOptions) => Promise<void>
  /** The same, and gives what it wrote to stdout, which is printed as well. */
  readonly capture: (line: string) => Promise<string>
  /** Runs a line that is only asked for its answer; nothing is printed. */
  readonly ask: (line: string) => Promise<string>
  /** How many lines were printed and run. */
  readonly count: () => number
}

export type LineOptions = {
  /** The exit code it should end with, where that is not 0. */
  readonly exit?: number
}

export type ShellOptions = {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly screen: Screen
  /** After so long a line that does not end is ended. */
  readonly patienceMs: number
  /** Aborted: the line that runs is ended, and no other one begins. */
  readonly signal: AbortSignal
}

type End = { readonly code: number | null; readonly late: boolean; readonly stdout: string }

export function openShell(options: ShellOptions): Shell {
  const { screen, patienceMs } = options
  let printed = 0
  const printedLine = async (line: string, exit: number, stdout: 'inherit' | 'pipe') => {
    options.signal.throwIfAborted()
    printed += 1
    screen.line(line)
    const end = await runLine(line, stdout, options)
    screen.raw(end.stdout)
    if (exit !== 0 && end.code === exit) screen.exitCode(exit)
    return expected(line, end, exit, patienceMs)
  }
  return {
    run: async (line, { exit = 0 } = {}) => void (await printedLine(line, exit, 'inherit')),
    capture: (line) => printedLine(line, 0, 'pipe'),
    ask: async (line) => expected(line, await runLine(line, 'pipe', options), 0, patienceMs),
    count: () => printed,
  }
}

function expected(line: string, end: End, exit: number, patienceMs: number): string {
  if (end.late) throw new Error(`it did not end within ${Math.round(patienceMs / 1000)} s: ${line}`)
  if (end.code !== exit) throw new Error(`it ended with exit code ${end.code ?? 'unknown'} where ${exit} was expected: ${line}`)
  return end.stdout
}

/** In a session of its own: a Ctrl-C reaches the demo alone, which ends the line with all that it started. */
async function runLine(line: string, stdout: 'inherit' | 'pipe', { folder, environment, patienceMs, signal }: ShellOptions): Promise<End> {
  signal.throwIfAborted()
  const child = spawn('sh', ['-c', line], { cwd: folder, env: environment, detached: true, stdio: ['ignore', stdout, 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  let late = false
  const timer = setTimeout(() => {
    late = true
    void end()
  }, patienceMs)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const end = async () => {
    endGroup(child, 'SIGINT')
    const force = setTimeout(() => endGroup(child, 'SIGKILL'), STUBBORN_MS)
    await ended.catch(() => undefined)
    clearTimeout(force)
  }
  const onAbort = () => void end()
  signal.addEventListener('abort', onAbort)
  try {
    const code = await ended
    return { code, late, stdout: Buffer.concat(chunks).toString('utf8') }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

const STUBBORN_MS = 5_000

function endGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
