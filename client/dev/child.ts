import { spawn } from 'node:child_process'

/** A program that runs beside the CLI until it ends or is ended. */
export type Child = {
  /** The exit code, 1 where a signal or a failed start left none. */
  readonly ended: Promise<number>
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => void
}

/**
 * In a process group of its own: Ctrl-C in a terminal goes to the CLI alone, which ends its children in their order.
 * `output` is a file descriptor, or the CLI's own.
 */
export function startChild(
  argv: readonly string[],
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly output: number | 'inherit' },
): Child {
  const [program = '', ...rest] = argv
  const child = spawn(program, rest, { detached: true, env: options.env, stdio: ['ignore', options.output, options.output] })
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
  return { ended, end: (signal) => void child.kill(signal) }
}
