import type { EstateFile } from './estate-schema.ts'

type People = Pick<EstateFile, 'people' | 'groups'>

/** People by name: where a group is named, those in it. Each once, in the order in which they are named. */
export function expanded({ groups = {} }: Pick<People, 'groups'>, names: readonly string[]): string[] {
  return [...new Set(names.flatMap((each) => (Object.hasOwn(groups, each) ? (groups[each] ?? []) : [each])))]
}

/** The person who has this address or name; whatever is neither is its own name, an address in lower case. */
export function personOf({ people = {} }: Pick<People, 'people'>, nameOrAddress: string): string {
  if (Object.hasOwn(people, nameOrAddress)) return nameOrAddress
  if (!nameOrAddress.includes('@')) return nameOrAddress
  const wanted = nameOrAddress.toLowerCase()
  const owner = Object.entries(people).find(([, { emails }]) => emails.some((email) => email.toLowerCase() === wanted))
  return owner === undefined ? wanted : owner[0]
}

/** Everything that a person may stand under in the signers' file: the name, and the addresses. */
export function identitiesOf({ people = {} }: Pick<People, 'people'>, person: string): string[] {
  const known = Object.hasOwn(people, person) ? people[person] : undefined
  return [person, ...(known?.emails ?? [])]
}
