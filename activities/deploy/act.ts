import type { DeployActivities, DeployInput } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import { environmentEstate } from '../estate.ts'
import { checkHealth } from '../health/check.ts'
import { checksOf } from '../health/checks.ts'
import type { DeployDeps } from './activities.ts'
import { contentsOf } from './contents.ts'
import { expectFence } from './expect-fence.ts'
import { keepLog } from './keep-log.ts'
import type { ActInput, AskHealth } from './target.ts'

export function createApply(deps: DeployDeps): DeployActivities['apply'] {
  return async (input) => {
    const attempt = deps.attempt()
    const { changes, logText } = await deps.target(input.project, input.environment).apply(await actInput(deps, input, attempt), attempt)
    return { changes: changes.slice(0, 50), log: await keepLog(deps.store, logText, attempt) }
  }
}

export function createVerify(deps: DeployDeps): DeployActivities['verify'] {
  return async (input) => {
    const attempt = deps.attempt()
    const { project, environment, snapshot } = input
    const { health } = environmentEstate(deps.estate, project, environment)
    const facts = { environment, tag: snapshot.tag, revision: snapshot.candidate.revision }
    const askHealth: AskHealth = (host) => checkHealth(checksOf(health, facts, { host, environment: deps.environment }), attempt)
    const { observed } = await deps.target(project, environment).verify(await actInput(deps, input, attempt), attempt, askHealth)
    return { observed: observed.slice(0, 50) }
  }
}

async function actInput(deps: DeployDeps, input: DeployInput, attempt: AttemptContext): Promise<ActInput> {
  const { project, environment, fence } = input
  expectFence(environment, fence)
  const rolloutTimeoutMs = environmentEstate(deps.estate, project, environment).rolloutTimeoutSeconds * 1000
  return {
    ...(await contentsOf(deps, input, attempt)),
    fence,
    rolloutTimeoutMs,
    ...(input.takeBack === true ? { takeBack: true } : {}),
    ...(input.run === undefined ? {} : { run: input.run }),
  }
}
