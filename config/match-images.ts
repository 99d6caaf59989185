import { quoted } from '../domain/parsed.ts'
import { isWithin } from '../domain/image-reference.ts'
import type { EstateFile } from './estate-schema.ts'
import type { Mistake } from './problem.ts'
import type { SlipwayFile } from './slipway-schema.ts'

type Projects = Readonly<Record<string, Pick<EstateFile['projects'][string], 'images'>>>

/**
 * Whether the images of a slipway.yaml are the project's to write: whoever writes a repository can take another's tags from it,
 * and put an image there under the name by which another finds what need not be built. A project that the estate gives places
 * has only those; what it gives to one is nobody else's.
 */
export function foreignImages(slipway: SlipwayFile, projects: Projects, project: string): readonly Mistake[] {
  const own = projects[project]?.images
  return Object.entries(slipway.services).flatMap(([service, { image }]): readonly Mistake[] => {
    const mistake = (found: string, expected: string): readonly Mistake[] => [
      { kind: 'value', path: ['services', service, 'image'], at: 'value', found, expected },
    ]
    const owner = Object.entries(projects).find(([name, { images = [] }]) => name !== project && isWithin(images, image))
    if (owner)
      return mistake(`${quoted(image)}, which the estate gives to the project ${quoted(owner[0])}`, 'an image repository of its own')
    if (own === undefined || isWithin(own, image)) return []
    return mistake(quoted(image), `one that the estate gives to ${quoted(project)}: ${spoken(own)}`)
  })
}

function spoken(places: readonly string[]): string {
  return places.map((place) => `${place}, or below it`).join('; ')
}
