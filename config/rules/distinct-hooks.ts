import type { Mistake } from '../problem.ts'
import type { SlipwayFile } from '../slipway-schema.ts'
import { entriesOf, type Rule } from './rule.ts'

/** A hook is known by its name: two of one name would be taken for one that has already been run. */
export const distinctHooks: Rule<SlipwayFile> = (file) =>
  entriesOf(file.environments).flatMap(([environment, { hooks }]): readonly Mistake[] => {
    const seen = new Set<string>()
    return (['before', 'after'] as const).flatMap((when) =>
      (hooks?.[when] ?? []).flatMap((hook, index): readonly Mistake[] => {
        const name = hook?.name
        if (name === undefined || !seen.has(name)) {
          if (name !== undefined) seen.add(name)
          return []
        }
        return [
          {
            kind: 'value',
            path: ['environments', environment, 'hooks', when, index, 'name'],
            at: 'value',
            found: `"${name}", which another hook of the environment is called`,
            expected: 'a name of its own for every hook, before and after taken together',
          },
        ]
      }),
    )
  })
