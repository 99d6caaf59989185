import { boundedDrift } from '../../domain/environment/drift.ts'
import type { InspectActivities } from '../contract.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import type { DeployDeps } from './activities.ts'

const DRIFT_LIMIT = 50

/** Holds what lives on the target against what was applied; changes nothing there. */
export function createInspect(deps: DeployDeps): InspectActivities['inspect'] {
  return async ({ project, environment, snapshot, epoch }) => {
    const attempt = deps.attempt()
    const { inspect } = deps.target(project, environment)
    if (inspect === undefined) {
      throw permanent(
        'InvalidConfiguration',
        `Drift is not available for a script target: what ${environment} holds is known to its script alone.`,
      )
    }
    const content = await withHeartbeat(attempt, 'fetching what was applied', (_say, signal) => deps.store.get(snapshot.content, signal))
    const { candidate, tag } = snapshot
    const input = { project, environment, epoch, candidate, tag, registry: deps.estate.file.registry.address, content }
    const drift = await inspect(input, attempt)
    return { drift: drift.slice(0, DRIFT_LIMIT).map(boundedDrift), left: Math.max(0, drift.length - DRIFT_LIMIT) }
  }
}
