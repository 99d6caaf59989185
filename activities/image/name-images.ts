import type { ImageActivities } from '../contract.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { putTag } from './put-tag.ts'
import type { Workshop } from './workshop.ts'

/** Gives a candidate's images a further tag. This is the promotion: nothing is built. */
export function createNameImages(workshop: Pick<Workshop, 'attempt' | 'registry'>): ImageActivities['nameImages'] {
  return async ({ candidate, tag, move }) => {
    const attempt = workshop.attempt()
    return withHeartbeat(attempt, `naming the images ${tag}`, async () => {
      const tagged = await putTag(workshop.registry, { images: candidate.images, tag, move }, attempt.signal)
      return { named: tagged.length }
    })
  }
}
