import type { EstateFile } from './estate-schema.ts'

type People = Pick<EstateFile, 'people' | 'groups'>

/** People by name: where a group is named those in it, where an address is whose it is. Each once, in their order. */
export function expanded({ people = {}, groups = {} }: Partial<People>, names: readonly string[]): string[] {
  const members = names.flatMap((each) => (Object.hasOwn(groups, each) ? (groups[each] ?? []) : [each]))
  return [...new Set(members.map((each) => personOf({ people }, each)))]
}

/** The person who has this address; whatever is nobody's stays what it is. */
export function personOf({ people = {} }: Pick<People, 'people'>, nameOrAddress: string): string {
  if (Object.hasOwn(people, nameOrAddress) || !nameOrAddress.includes('@')) return nameOrAddress
  const wanted = nameOrAddress.toLowerCase()
  const owner = Object.entries(people).find(([, { emails }]) => emails.some((email) => email.toLowerCase() === wanted))
  return owner === undefined ? nameOrAddress : owner[0]
}

/** Everything that a person may stand under in the signers' file: the name, and the addresses. */
export function identitiesOf({ people = {} }: Pick<People, 'people'>, person: string): string[] {
  const known = Object.hasOwn(people, person) ? people[person] : undefined
  return [person, ...(known?.emails ?? [])]
}
