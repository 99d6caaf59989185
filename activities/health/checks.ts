import type { HealthCheck } from '../../config/estate-schema.ts'
import { permanent } from '../failure.ts'
import type { SharedConnection } from '../ssh/share.ts'
import type { Check } from './check.ts'
import { hostCommand } from './host-command.ts'
import { httpQuestion } from './http.ts'
import type { DeployedFacts, Question } from './question.ts'
import { workerCommand } from './worker-command.ts'

type Places = {
  /** The host of the target, null where it has none. */
  readonly host: SharedConnection | null
  /** The worker's own. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The questions that the estate wants to be asked after a rollout. */
export function checksOf(health: readonly HealthCheck[], facts: DeployedFacts, places: Places): readonly Check[] {
  return health.map((pace) => ({ pace, question: questionOf(pace, facts, places) }))
}

function questionOf(check: HealthCheck, facts: DeployedFacts, { host, environment }: Places): Question {
  if ('url' in check) return httpQuestion(check, facts)
  if (check.on === 'worker') return workerCommand(check, facts, environment)
  if (host === null) {
    throw permanent(
      'InvalidConfiguration',
      `The health check ${check.command[0]} of ${facts.environment} is to run on the host, and its target has none: write "on: worker".`,
    )
  }
  return hostCommand(check, facts, host)
}
