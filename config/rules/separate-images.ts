import { isWithin } from '../../domain/image-reference.ts'
import type { EstateFile } from '../estate-schema.ts'
import type { Mistake } from '../problem.ts'
import { entriesOf, type Rule } from './rule.ts'

/** An image repository is one project's: what is given to two of them, or lies within another's, would be nobody's. */
export const separateImages: Rule<EstateFile> = (file) => {
  const given = entriesOf(file.projects).flatMap(([project, { images = [] }]) =>
    images.flatMap((place, index) => (place === undefined ? [] : [{ project, place, path: ['projects', project, 'images', index] }])),
  )
  return given.flatMap(({ project, place, path }, index): readonly Mistake[] => {
    const other = given
      .slice(0, index)
      .find((each) => each.project !== project && (isWithin([each.place], place) || isWithin([place], each.place)))
    if (other === undefined) return []
    const found = `"${place}", where "${other.place}" is the project ${other.project}'s`
    return [{ kind: 'value', path, at: 'value', found, expected: 'places that no other project has' }]
  })
}
