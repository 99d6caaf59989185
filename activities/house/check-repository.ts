import type { Finding } from '../contract.ts'
import type { HouseDeps } from './activities.ts'
import { branchRef } from '../../domain/ref-rules.ts'
import { checkForge } from '../forge/check.ts'
import { readProjectFile } from '../image/project-file.ts'
import { projectEstate } from '../estate.ts'
import { checkImages } from './check-images.ts'
import { checkSigners } from './check-signers.ts'
import { finding } from './finding.ts'

/** The remote, slipway.yaml at develop's tip, and the forge and the signers where there are some. */
export async function checkRepository(deps: HouseDeps, project: string, signal: AbortSignal): Promise<Finding[]> {
  const { branches, url } = projectEstate(deps.estate, project).repository
  let develop: string | null = null
  const remote = await finding(`repository ${url}`, 'check repository.url, login and hostKey in estate.yaml', async () => {
    const { refs } = await deps.git.readRefs({ project, refs: [branchRef(branches.develop)] })
    develop = refs[0]?.revision ?? null
    if (develop === null) throw new Error(`it answers and has no branch ${branches.develop}: push it, or name it in repository.branches`)
    return `answers; ${branches.develop} is at ${develop.slice(0, 8)}`
  })
  const others = [
    ...(await checkImages(deps.estate, project)),
    ...(await checkForge(deps, project, signal)),
    ...(await checkSigners(deps, project, signal)),
  ]
  if (develop === null) return [remote, ...others]
  const revision: string = develop
  const file = await finding(`slipway.yaml on ${branches.develop}`, 'mend slipway.yaml and push it; slipway init writes one', async () => {
    const mirror = deps.mirrors(project)
    await mirror.ensure(revision, signal)
    const { value } = await readProjectFile({ estate: deps.estate, mirror, project }, revision, signal)
    return `is valid: ${Object.keys(value.services).length} services, ${Object.keys(value.environments).length} environments`
  })
  return [remote, file, ...others]
}
