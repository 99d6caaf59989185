import { quoted } from '../../domain/parsed.ts'
import type { EstateFile } from '../estate-schema.ts'
import { nearest } from '../mistakes/nearest.ts'
import type { Mistake } from '../problem.ts'
import { entriesOf, type Rule } from './rule.ts'

/** A notification that waits for an environment that is not there would never come, and nobody would miss it. */
export const knownEnvironments: Rule<EstateFile> = (file, { spoilt }) =>
  entriesOf(file.projects).flatMap(([project, { notifications, environments }]) => {
    if (spoilt(['projects', project, 'environments'])) return []
    const names = Object.keys(environments ?? {})
    return entriesOf(notifications).flatMap(([name, { environments: wanted = [] }]) =>
      wanted.flatMap((each, at): readonly Mistake[] => {
        if (each === undefined || names.includes(each)) return []
        const near = nearest(each, names)
        return [
          {
            kind: 'value',
            path: ['projects', project, 'notifications', name, 'environments', at],
            at: 'value',
            found: quoted(each),
            expected: `an environment of ${project}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`,
            hint: near === null ? 'name one of them, or leave it out for all' : `did you mean "${near}"?`,
          },
        ]
      }),
    )
  })
