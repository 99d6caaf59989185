import type { EstateFile } from '../estate-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import type { Mistake } from '../problem.ts'
import { entriesOf, type Rule } from './rule.ts'

/** A name means one person or one group, and an address one person. */
export const knownPeople: Rule<EstateFile> = (file) => {
  const people = Object.keys(file.people ?? {})
  const groups = Object.keys(file.groups ?? {})
  const owners = new Map<string, string>()
  return [
    ...groups
      .filter((group) => people.includes(group))
      .map((group): Mistake => ({
        kind: 'value',
        path: ['groups', group],
        at: 'key',
        found: `${quoted(group)}, which is a person too`,
        expected: 'another name for the group',
      })),
    ...entriesOf(file.groups).flatMap(([group, members]) =>
      members.flatMap((member, index): Mistake[] =>
        member !== undefined && groups.includes(member)
          ? [{ kind: 'value', path: ['groups', group, index], at: 'value', found: `the group ${quoted(member)}`, expected: 'people' }]
          : [],
      ),
    ),
    ...entriesOf(file.people).flatMap(([person, { emails = [] }]) =>
      emails.flatMap((email, index): Mistake[] => {
        const owner = owners.get((email ?? '').toLowerCase())
        if (email !== undefined && owner === undefined) owners.set(email.toLowerCase(), person)
        if (owner === undefined || owner === person) return []
        const path = ['people', person, 'emails', index]
        return [{ kind: 'value', path, at: 'value', found: `an address of ${owner}`, expected: 'addresses that nobody else has' }]
      }),
    ),
  ]
}
