import type { CommandCheck, HostEstate } from '../../config/estate-schema.ts'
import { runBounded } from '../ssh/bounded.ts'
import { connect, type Connection, type SshDeps } from '../ssh/connect.ts'
import { answerOf, checkVariables, limitMs, saysOf } from './command.ts'
import type { DeployedFacts, Question } from './question.ts'

/** Runs a command on the target's host, in the user's home, over one connection for all its runs. */
export function hostCommand(check: CommandCheck, facts: DeployedFacts, host: HostEstate, deps: SshDeps): Question {
  const variables = checkVariables(facts)
  let connection: Connection | null = null
  return {
    says: saysOf(check, host.address),
    ask: async (signal, leftMs) => {
      connection ??= await connect(host, deps, signal)
      const limitSeconds = Math.max(1, Math.ceil(limitMs(check, leftMs) / 1000))
      const says = `the health check ${check.command[0]}`
      const end = await runBounded(connection, { says, argv: check.command, variables, limitSeconds, signal })
      return answerOf({ ...end, how: `did not end within ${limitSeconds} s` })
    },
    // Whatever still runs there ends with it.
    close: () => connection?.close(),
  }
}
