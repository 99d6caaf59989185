import type { EstateFile, HealthCheck, TargetEstate } from '../../config/estate-schema.ts'
import { permanent } from '../failure.ts'
import type { SshDeps } from '../ssh/connect.ts'
import type { Check } from './check.ts'
import { hostCommand } from './host-command.ts'
import { httpQuestion } from './http.ts'
import type { DeployedFacts, Question } from './question.ts'
import { workerCommand } from './worker-command.ts'

type Places = { readonly target: TargetEstate; readonly hosts: EstateFile['hosts']; readonly ssh: SshDeps }

/** The questions that the estate wants to be asked after a rollout. */
export function checksOf(health: readonly HealthCheck[], facts: DeployedFacts, places: Places): readonly Check[] {
  return health.map((pace) => ({ pace, question: questionOf(pace, facts, places) }))
}

function questionOf(check: HealthCheck, facts: DeployedFacts, { target, hosts, ssh }: Places): Question {
  if ('url' in check) return httpQuestion(check, facts)
  if (check.on === 'worker') return workerCommand(check, facts, ssh.env)
  const name = 'compose' in target ? target.compose.host : 'script' in target ? target.script.host : null
  const host = name === null ? undefined : hosts[name]
  if (!host) {
    throw permanent(
      'InvalidConfiguration',
      `The health check ${check.command[0]} of ${facts.environment} is to run on the host, and its target has none: write "on: worker".`,
    )
  }
  return hostCommand(check, facts, host, ssh)
}
