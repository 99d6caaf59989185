import type { ImageActivities } from '../contract.ts'
import { createBuildImage } from './build-image.ts'
import { createNameImages } from './name-images.ts'
import { createPlanBuild } from './plan-build.ts'
import { openWorkshop, type ImageDeps } from './workshop.ts'

/** The activities of the build queue. Opens no connection until one of them runs. */
export function createImageActivities(deps: ImageDeps): ImageActivities {
  const workshop = openWorkshop(deps)
  return {
    planBuild: createPlanBuild(workshop),
    buildImage: createBuildImage(workshop),
    nameImages: createNameImages(workshop),
  }
}
