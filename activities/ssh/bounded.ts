import { randomUUID } from 'node:crypto'
import { transient } from '../failure.ts'
import { BOUNDED_SCRIPT } from './bounded-script.ts'
import type { Connection } from './connect.ts'
import { remoteCommand } from './quote.ts'
import { run } from './run.ts'
import { variableLines } from './variable-lines.ts'

export type BoundedCommand = {
  /** For messages: `the health check ./ready`. */
  readonly says: string
  /** A program and its arguments, without a shell, run from the user's home. */
  readonly argv: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** After so many seconds it is ended on the host. */
  readonly limitSeconds: number
  readonly signal: AbortSignal
}

/** `code` is null when it had to be ended. `output`: standard output and error together, at most the last 4 MB. */
export type BoundedEnd = { readonly code: number | null; readonly output: string }

/** The host ends what is late by itself; this is for one that does not. */
const GRACE_MS = 5_000

/** Runs something that only answers, such as a check: no fence is asked, and it ends with whoever waits for it. */
export async function runBounded(
  connection: Connection,
  { says, argv, variables, limitSeconds, signal }: BoundedCommand,
): Promise<BoundedEnd> {
  const call = randomUUID()
  const beganMs = performance.now()
  const limit = String(limitSeconds)
  const { stdout, stderr } = await run(connection, {
    command: remoteCommand(BOUNDED_SCRIPT, [call, limit, ...argv]),
    stdin: variableLines(variables),
    // With somebody who listens standard input stays open, and its end tells the host that nobody does any more.
    onLine: () => {},
    signal: AbortSignal.any([signal, AbortSignal.timeout(limitSeconds * 1000 + GRACE_MS)]),
  }).catch((error: unknown) => {
    if (signal.aborted || !isTimeout(error)) throw error
    throw transient(`on ${connection.place}, ${says} did not end after ${limit} s, and could not be ended.`)
  })
  const [, code] = new RegExp(`^${call} ended (\\d+)$`, 'm').exec(stdout) ?? []
  if (code === undefined) {
    const said = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
    throw transient(
      `The ssh host ${connection.place} did not run ${says} as expected and said "${said}"; the user needs a POSIX shell and no forced command.`,
    )
  }
  // What `timeout` ends with, or the shell of what it had to kill; a command may end so too, but not then.
  const isLate = (code === '124' || code === '137') && performance.now() - beganMs >= limitSeconds * 1000
  return { code: isLate ? null : Number(code), output: stdout.slice(0, stdout.lastIndexOf(`\n${call} `)) }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}
