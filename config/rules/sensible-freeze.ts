import { everComes } from '../freeze/evaluate.ts'
import type { FreezeEstate, FreezeWindow } from '../estate-freeze.ts'
import type { EstateFile } from '../estate-schema.ts'
import type { Mistake } from '../problem.ts'
import { everyEnvironment, type EnvironmentDraft } from './every-environment.ts'
import type { Draft, Rule } from './rule.ts'

/** Every window of a freeze comes, and can be told from the others. */
export const sensibleFreeze: Rule<EstateFile> = (file, { spoilt }) =>
  everyEnvironment(file).flatMap((each) => (spoilt([...each.path, 'freeze']) ? [] : [...neverComing(each), ...sameNames(each)]))

function neverComing({ path, environment }: EnvironmentDraft): readonly Mistake[] {
  const { timeZone, windows = [] } = environment.freeze ?? {}
  return windows.flatMap((window, index): readonly Mistake[] =>
    timeZone === undefined || !isWhole(window) || everComes({ timeZone }, window)
      ? []
      : [
          {
            kind: 'value',
            path: [...path, 'freeze', 'windows', index, 'repeat'],
            at: 'value',
            found: `${JSON.stringify(window.repeat)}, which never comes after ${window.from}`,
            expected: 'a rule that comes at least once',
          },
        ],
  )
}

function isWhole(window: Draft<FreezeWindow> | undefined): window is FreezeEstate['windows'][number] {
  return window?.from !== undefined && window.lasts !== undefined && window.kind !== undefined && window.name !== undefined
}

/** What a person is told of a window is its name. */
function sameNames({ path, environment }: EnvironmentDraft): readonly Mistake[] {
  const names = (environment.freeze?.windows ?? []).map((window) => window?.name)
  return names.flatMap((name, index): readonly Mistake[] =>
    name === undefined || names.indexOf(name) === index
      ? []
      : [
          {
            kind: 'value',
            path: [...path, 'freeze', 'windows', index, 'name'],
            at: 'value',
            found: `${JSON.stringify(name)}, which another window is called already`,
            expected: 'a name of its own',
          },
        ],
  )
}
