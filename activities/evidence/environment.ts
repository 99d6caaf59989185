import { verifiedHere, type DeployRequest, type EnvironmentState } from '../../domain/environment/state.ts'
import type { EnvironmentEvidence } from '../../evidence/format.ts'

/** What an environment's own record says of one version. What was observed is told in full by the deployments' histories. */
export function environmentEvidenceOf(state: EnvironmentState, version: string): EnvironmentEvidence {
  const isOurs = (request: Pick<DeployRequest, 'version'>) => request.version === version
  const deployments = verifiedHere(state).filter(isOurs)
  return {
    project: state.project,
    name: state.name,
    settings: state.settings,
    deployments: deployments.toReversed().map((deployed) => ({ ...deployed, observed: deployed.observed ?? null })),
    waiting: state.waiting.filter(({ request }) => isOurs(request)),
    running: state.running !== null && isOurs(state.running.request) ? state.running : null,
    parked: state.parked !== null && isOurs(state.parked.request) ? state.parked : null,
    closed: state.closed.filter(isOurs),
    unconfirmed: state.unconfirmed,
    vetoes: state.vetoes,
    // They name no version: who reads them has to see what happened to others beside it.
    entries: state.entries,
  }
}
