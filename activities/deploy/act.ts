import type { DeployActivities, DeployInput } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import { environmentEstate } from '../estate.ts'
import { checkHealth } from '../health/http.ts'
import type { DeployDeps } from './activities.ts'
import { isFound } from './found-inputs.ts'
import type { ActInput } from './target.ts'

export function createApply(deps: DeployDeps): DeployActivities['apply'] {
  return async (input) => {
    const attempt = deps.attempt()
    const { changes, logText } = await deps.target(input.project, input.environment).apply(await actInput(deps, input, attempt), attempt)
    const log = logText === '' ? null : await deps.store.put(Buffer.from(logText), 'text/plain; charset=utf-8', attempt.signal)
    return { changes: changes.slice(0, 50), log }
  }
}

export function createVerify(deps: DeployDeps): DeployActivities['verify'] {
  return async (input) => {
    const attempt = deps.attempt()
    const { project, environment, snapshot } = input
    const { observed } = await deps.target(project, environment).verify(await actInput(deps, input, attempt), attempt)
    const { health } = environmentEstate(deps.estate, project, environment)
    const answers = await checkHealth(health, { tag: snapshot.tag, revision: snapshot.candidate.revision }, attempt)
    return { observed: [...observed, ...answers].slice(0, 50) }
  }
}

async function actInput(deps: DeployDeps, input: DeployInput, attempt: AttemptContext): Promise<ActInput> {
  const { project, environment, fence, snapshot, previous } = input
  const [content, before] = await Promise.all([
    deps.store.get(snapshot.content, attempt.signal),
    // Only needed to tell one's own orphans: what cannot be read any more leaves them alone.
    previous === null ? null : deps.store.get(previous.content, attempt.signal).catch(() => null),
  ])
  return {
    project,
    environment,
    fence,
    candidate: snapshot.candidate,
    tag: snapshot.tag,
    registry: deps.estate.file.registry.address,
    content,
    previous: before,
    adopted: isFound(snapshot.candidate) ? content : previous !== null && isFound(previous.candidate) ? before : null,
    rolloutTimeoutMs: environmentEstate(deps.estate, project, environment).rolloutTimeoutSeconds * 1000,
  }
}
