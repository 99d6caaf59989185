import type { CommandCheck } from '../../config/estate-schema.ts'
import { runBounded } from '../ssh/bounded.ts'
import type { SharedConnection } from '../ssh/share.ts'
import { answerOf, checkVariables, limitMs, saysOf } from './command.ts'
import type { DeployedFacts, Question } from './question.ts'

/** Runs a command on the target's host, in the user's home, over the connection of whoever verifies. */
export function hostCommand(check: CommandCheck, facts: DeployedFacts, host: SharedConnection): Question {
  const variables = checkVariables(facts)
  const says = `the health check ${check.command[0]}`
  return {
    says: saysOf(check, host.address),
    ask: (signal, leftMs) =>
      host.use(signal, async (connection) => {
        const limitSeconds = Math.max(1, Math.ceil(limitMs(check, leftMs) / 1000))
        const end = await runBounded(connection, { says, argv: check.command, variables, limitSeconds, signal })
        return answerOf({ ...end, how: `did not end within ${limitSeconds} s` })
      }),
  }
}
