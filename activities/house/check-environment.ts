import type { AttemptContext } from '../context.ts'
import type { Finding } from '../contract.ts'
import type { DeployDeps } from '../deploy/activities.ts'
import { finding } from './finding.ts'

/** The target itself says whether it can be reached and has what a deployment needs. */
export async function checkEnvironment(
  deps: DeployDeps,
  project: string,
  environment: string,
  attempt: AttemptContext,
): Promise<Finding[]> {
  const fix = `check environments.${environment}.target, and the host or cluster it names, in estate.yaml`
  const reached = await finding(`target of ${environment}`, fix, () => deps.target(project, environment).check(attempt))
  const { checkFence } = reached.ok ? deps.target(project, environment) : {}
  if (!checkFence) return [reached]
  return [reached, await finding(`fence of ${environment}`, fix, () => checkFence({ project, environment }, attempt))]
}
