import type { EstateFile } from '../config/estate-schema.ts'
import { BUILD_QUEUE, deployQueue, MAIN_QUEUE } from '../workflows/queues.ts'

/** Every task queue that this estate needs: a worker serves all of them unless it is told which. */
export function queuesOf(estate: EstateFile): string[] {
  const environments = Object.values(estate.projects).flatMap((project) => Object.keys(project.environments))
  return [MAIN_QUEUE, BUILD_QUEUE, ...new Set(environments.map(deployQueue))]
}
