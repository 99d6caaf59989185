import { spawn, type ChildProcess } from 'node:child_process'
import type { Screen } from './screen.ts'

export type Shell = {
  /** Prints the line as a person would type it, runs just that through `sh`, and leaves what it says on the screen. */
  readonly run: (line: string, options?: LineOptions) => Promise<void>
  /** The same, and gives what it wrote to stdout, which is printed as well. */
  readonly capture: (line: string, options?: LineOptions) => Promise<string>
  /** Runs a line that is only asked for its answer; nothing is printed. */
  readonly ask: (line: string) => Promise<string>
  /** Ends the line that runs now, and everything it began in the foreground. */
  readonly interrupt: () => void
  /** How many lines were printed and run. */
  readonly count: () => number
}

export type LineOptions = {
  /** The exit code it should end with, where that is not 0. */
  readonly exit?: number
  /** Where it runs; else in the shell's folder. */
  readonly folder?: string
}

export type ShellOptions = {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly screen: Screen
  /** After so long a line that does not end is ended. */
  readonly patienceMs: number
}

/** A line that did not end as it should have. */
export class LineFailed extends Error {}

type End = { readonly code: number | null; readonly late: boolean; readonly stdout: string }

export function openShell({ folder, environment, screen, patienceMs }: ShellOptions): Shell {
  let running: ChildProcess | null = null
  let printed = 0

  const start = async (line: string, stdout: 'inherit' | 'pipe', where: string): Promise<End> => {
    // A session of its own: the lines are ended by the demo, with all that they started, and not by the terminal.
    const child = spawn('sh', ['-c', line], { cwd: where, env: environment, detached: true, stdio: ['ignore', stdout, stdout === 'pipe' ? 'pipe' : 'inherit'] })
    running = child
    const chunks: Buffer[] = []
    const words: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => words.push(chunk))
    let late = false
    const timer = setTimeout(() => {
      late = true
      endGroup(child, 'SIGTERM')
    }, patienceMs)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    }).finally(() => clearTimeout(timer))
    running = null
    screen.raw(Buffer.concat(words).toString('utf8'))
    return { code, late, stdout: Buffer.concat(chunks).toString('utf8') }
  }

  const printedLine = async (line: string, { exit = 0, folder: where = folder }: LineOptions, stdout: 'inherit' | 'pipe') => {
    printed += 1
    screen.line(line)
    const end = await start(line, stdout, where)
    screen.raw(end.stdout)
    if (end.late) throw new LineFailed(`this did not end within ${Math.round(patienceMs / 1000)} s: ${line}`)
    if (end.code !== exit) throw new LineFailed(`this ended with exit code ${end.code ?? 'unknown'} and not ${exit}: ${line}`)
    if (exit !== 0) screen.exitCode(exit)
    return end.stdout
  }

  return {
    run: async (line, options = {}) => void (await printedLine(line, options, 'inherit')),
    capture: (line, options = {}) => printedLine(line, options, 'pipe'),
    ask: async (line) => {
      const end = await start(line, 'pipe', folder)
      if (end.code !== 0) throw new LineFailed(`this ended with exit code ${end.code ?? 'unknown'}: ${line}`)
      return end.stdout
    },
    interrupt: () => {
      if (running !== null) endGroup(running, 'SIGINT')
    },
    count: () => printed,
  }
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
