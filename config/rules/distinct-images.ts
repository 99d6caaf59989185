import type { SlipwayFile } from '../slipway-schema.ts'
import type { Mistake } from '../problem.ts'
import { entriesOf, type Rule } from './rule.ts'

/** Every service has an image repository of its own: two in one would take the same tag from each other. */
export const distinctImages: Rule<SlipwayFile> = (file) => {
  const owners = new Map<string, string>()
  return entriesOf(file.services).flatMap(([service, { image }]): readonly Mistake[] => {
    if (image === undefined) return []
    const owner = owners.get(image)
    if (owner === undefined) {
      owners.set(image, service)
      return []
    }
    const found = `"${image}", which is the image of the service "${owner}"`
    return [
      {
        kind: 'value',
        path: ['services', service, 'image'],
        at: 'value',
        found,
        expected: 'a different image repository for every service',
      },
    ]
  })
}
