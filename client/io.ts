/** Somewhere to print to: a terminal, a pipe or a test's list. */
export type Output = {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Everything that a command knows of the process it runs in. */
export type Io = {
  readonly out: Output
  readonly err: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Runs the handler at Ctrl-C or a request to end, instead of dying; gives the function that takes it away again. */
  readonly onInterrupt: (handler: (signal: NodeJS.Signals) => void) => () => void
}

export function processIo(from: NodeJS.Process): Io {
  return {
    out: from.stdout,
    err: from.stderr,
    env: from.env,
    cwd: from.cwd(),
    now: () => Date.now(),
    onInterrupt: (handler) => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
      for (const signal of signals) from.on(signal, handler)
      return () => {
        for (const signal of signals) from.off(signal, handler)
      }
    },
  }
}

export function printLines(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
}

/** JSON in which invisible and direction-changing characters are escaped too: it may be read on a terminal. */
export function printJson(output: Output, value: unknown): void {
  const text = JSON.stringify(value, null, 2).replaceAll(/[\p{Cf}\p{Co}\p{Zl}\p{Zp}\u007f-\u009f]/gu, escaped)
  output.write(`${text}\n`)
}

function escaped(char: string): string {
  return Array.from({ length: char.length }, (_, index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
}

/** An environment without the names that are not set. */
export function defined(env: Io['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}
