import type { PlanInput } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import { withHeartbeat } from '../heartbeat.ts'
import type { DeployDeps } from './activities.ts'
import { isFound } from './found-inputs.ts'
import type { PlanInput as TargetInput } from './target.ts'

/** What a target needs of a snapshot and of the one before it, from the store. */
export async function contentsOf(deps: DeployDeps, input: PlanInput, attempt: AttemptContext): Promise<TargetInput> {
  const { project, environment, snapshot, previous } = input
  const [content, before] = await withHeartbeat(attempt, 'fetching what was rendered', (_say, signal) =>
    Promise.all([
      deps.store.get(snapshot.content, signal),
      // Only needed to tell one's own orphans: what cannot be read any more leaves them alone.
      previous === null ? null : deps.store.get(previous.content, signal).catch(() => null),
    ]),
  )
  return {
    project,
    environment,
    candidate: snapshot.candidate,
    tag: snapshot.tag,
    registry: deps.estate.file.registry.address,
    content,
    previous: before,
    adopted: isFound(snapshot.candidate) ? content : previous !== null && isFound(previous.candidate) ? before : null,
  }
}
