import type { EstateFile } from '../estate-schema.ts'
import { expanded } from '../people.ts'
import type { Mistake, Path } from '../problem.ts'
import { everyEnvironment, type EnvironmentDraft } from './every-environment.ts'
import { entriesOf, type Draft, type Rule } from './rule.ts'

/** What an approval needs can be given, and who has to sign can be told. */
export const sensibleApproval: Rule<EstateFile> = (file, { spoilt }) => [
  ...(spoilt(['signers']) ? [] : unknownSigners(file)),
  ...everyEnvironment(file).flatMap((each) =>
    spoilt([...each.path, 'approval']) || spoilt([...each.path, 'approvers']) || spoilt(['groups'])
      ? []
      : [...idle(each), ...unreachable(file, each)],
  ),
]

function unknownSigners(file: Draft<EstateFile>): readonly Mistake[] {
  if (file.signers !== undefined) return []
  const asked: Path[] = [
    ...entriesOf(file.projects).flatMap(([project, { verified }]) => (verified === true ? [['projects', project, 'verified']] : [])),
    ...everyEnvironment(file).flatMap(({ path, environment }) =>
      environment.approval?.verified === true ? [[...path, 'approval', 'verified']] : [],
    ),
  ]
  return asked.map((path) => ({
    kind: 'value',
    path,
    at: 'key',
    found: 'signed words asked for, and nobody who can sign',
    expected: 'a file of signers',
    hint: 'write "signers: allowed_signers" at the top of the file',
  }))
}

/** A policy that silently does nothing is worse than none. */
function idle({ path, environment }: EnvironmentDraft): readonly Mistake[] {
  const { from, deploy, approval } = environment
  const automatic = deploy === 'automatic' || (deploy === undefined && from !== undefined && from !== 'tag')
  if (!automatic || approval === undefined) return []
  return [
    {
      kind: 'value',
      path: [...path, 'approval'],
      at: 'key',
      found: 'a policy for approvals where nobody is asked',
      expected: 'approval only where "deploy" is "approval"',
      hint: 'write "deploy: approval", or take it out',
    },
  ]
}

function unreachable(file: Draft<EstateFile>, { path, environment }: EnvironmentDraft): readonly Mistake[] {
  const { approvers = [], approval: { count = 1, required = [] } = {} } = environment
  if (approvers.length === 0) return groupsIn(file, required, [...path, 'approval', 'required'])
  const groups = Object.fromEntries(
    entriesOf(file.groups).map(([group, members]) => [group, members.flatMap((member) => (member === undefined ? [] : [member]))]),
  )
  const known = expanded(
    { groups },
    approvers.flatMap((each) => (each === undefined ? [] : [each])),
  )
  const few: Mistake[] =
    count <= known.length
      ? []
      : [
          {
            kind: 'value',
            path: [...path, 'approval', 'count'],
            at: 'value',
            found: `${count}, of ${known.length} who may approve`,
            expected: `at most ${known.length}`,
          },
        ]
  const strangers = required.flatMap((each, index): Mistake[] =>
    each === undefined || known.includes(each)
      ? []
      : [
          {
            kind: 'value',
            path: [...path, 'approval', 'required', index],
            at: 'value',
            found: `${each}, who is not among the approvers`,
            expected: `one of ${known.slice(0, 8).join(', ')}`,
          },
        ],
  )
  return [...few, ...strangers]
}

/** Of a group it would not be clear whether one or all of it are meant. */
function groupsIn({ groups = {} }: Draft<EstateFile>, names: readonly (string | undefined)[], path: Path): readonly Mistake[] {
  return names.flatMap((each, index): Mistake[] =>
    each !== undefined && Object.hasOwn(groups, each)
      ? [{ kind: 'value', path: [...path, index], at: 'value', found: `the group ${each}`, expected: 'people' }]
      : [],
  )
}
