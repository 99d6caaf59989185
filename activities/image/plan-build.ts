import type { BuildPlan, ImageActivities, PlannedService } from '../contract.ts'
import { projectEstate } from '../estate.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { inputsTag } from './inputs.ts'
import { readProjectFile } from './project-file.ts'
import { readServiceInputs } from './service-inputs.ts'
import type { Workshop } from './workshop.ts'

/** Counts what every service's image would be made of, and asks the registry whether it has one of just that. */
export function createPlanBuild(workshop: Workshop): ImageActivities['planBuild'] {
  return async ({ project, revision }): Promise<BuildPlan> => {
    const attempt = workshop.attempt()
    const { signal } = attempt
    const { buildArgs: estateArgs } = projectEstate(workshop.estate, project)
    return withHeartbeat(attempt, 'reading what the images are made of', async () => {
      const mirror = workshop.mirrors(project)
      await mirror.ensure(revision, signal)
      const file = await readProjectFile({ estate: workshop.estate, mirror, project }, revision, signal)
      const plan = async ([service, config]: (typeof entries)[number]): Promise<PlannedService> => {
        const { inputs } = await readServiceInputs({
          service,
          config,
          estateArgs,
          revision,
          mirror,
          resolveBase: workshop.resolveBase,
          signal,
        })
        return {
          service,
          repository: config.image,
          inputs,
          known: await workshop.registry.resolve(config.image, inputsTag(inputs), signal),
        }
      }
      const entries = Object.entries(file.value.services).toSorted(([a], [b]) => (a < b ? -1 : 1))
      return { revision, configHash: file.hash, services: await Promise.all(entries.map(plan)) }
    })
  }
}
