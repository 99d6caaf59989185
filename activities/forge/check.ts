import type { Finding } from '../contract.ts'
import { projectEstate } from '../estate.ts'
import { finding } from '../house/finding.ts'
import { forgeOf, type ForgeDeps } from './create.ts'

/** Whether the forge answers and, as far as it tells, the token may open merge requests; nothing where none is configured. */
export async function checkForge(deps: ForgeDeps, project: string, signal: AbortSignal): Promise<Finding[]> {
  const { forge, repository } = projectEstate(deps.estate, project)
  if (forge === undefined) return []
  const { url } = 'gitea' in forge ? forge.gitea : forge.gitlab
  const check = async () => (await forgeOf(deps, project))?.check(repository.branches.develop, signal) ?? 'is not configured'
  return [await finding(`forge ${url}`, 'check forge in estate.yaml, and the token it names', check)]
}
