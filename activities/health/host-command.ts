import { randomUUID } from 'node:crypto'
import type { CommandCheck, HostEstate } from '../../config/estate-schema.ts'
import { transient } from '../failure.ts'
import { connect, type Connection, type SshDeps } from '../ssh/connect.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import { variableLines } from '../ssh/variable-lines.ts'
import { answerOf, checkVariables, limitMs, saysOf, type CommandEnd } from './command.ts'
import { CHECK_SCRIPT } from './host-script.ts'
import type { DeployedFacts, Question } from './question.ts'

/** The host ends what is late by itself; this is for one that does not. */
const GRACE_MS = 5_000

/** Runs a command on the target's host, in the user's home, over one connection for all its runs. */
export function hostCommand(check: CommandCheck, facts: DeployedFacts, host: HostEstate, deps: SshDeps): Question {
  const variables = checkVariables(facts)
  let connection: Connection | null = null
  return {
    says: saysOf(check, host.address),
    ask: async (signal, leftMs) => {
      connection ??= await connect(host, deps, signal)
      return answerOf(await runOnHost(connection, check.command, variables, limitMs(check, leftMs), signal))
    },
    // Whatever still runs there ends with it.
    close: () => connection?.close(),
  }
}

async function runOnHost(
  connection: Connection,
  command: readonly string[],
  variables: Record<string, string>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const call = randomUUID()
  const beganMs = performance.now()
  const limit = String(Math.max(1, Math.ceil(timeoutMs / 1000)))
  const { stdout, stderr } = await run(connection, {
    command: remoteCommand(CHECK_SCRIPT, [call, limit, ...command]),
    stdin: variableLines(variables),
    // With somebody who listens standard input stays open, and its end tells the host that nobody does any more.
    onLine: () => {},
    signal: AbortSignal.any([signal, AbortSignal.timeout(Number(limit) * 1000 + GRACE_MS)]),
  }).catch((error: unknown) => {
    if (signal.aborted || !isTimeout(error)) throw error
    throw transient(`The health check ${command[0]} on ${connection.place} did not end after ${limit} s, and could not be ended.`)
  })
  const [, code] = new RegExp(`^${call} ended (\\d+)$`, 'm').exec(stdout) ?? []
  if (code === undefined) {
    const said = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
    throw transient(
      `The ssh host ${connection.place} did not run the health check as expected and said "${said}"; the user needs a POSIX shell and no forced command.`,
    )
  }
  const output = stdout.slice(0, stdout.lastIndexOf(`\n${call} `))
  // What `timeout` ends with, or the shell of what it had to kill; a command may end so too, but not then.
  const isLate = (code === '124' || code === '137') && performance.now() - beganMs >= Number(limit) * 1000
  return { code: isLate ? null : Number(code), how: `did not end within ${limit} s`, output }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}
