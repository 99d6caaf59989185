/** Where in a record somebody stands who is said to have signed, and the field that names them. */
export type Spot = { readonly by: VerifiedPerson; readonly field: string; readonly around: Around }

/** An object of a record, the name under which it stands (members of a list: the list's), and what is around it. */
export type Around = { readonly name: string; readonly fields: Fields; readonly outer: Around | null }
export type Fields = Readonly<Record<string, unknown>>
export type VerifiedPerson = { readonly name: string; readonly key: string | null; readonly statement: string | null }

/** Everybody in a record who is said to have signed, wherever that stands: nobody is left out for standing where no rule looks. */
export function spotsIn(record: unknown): readonly Spot[] {
  const spots: Spot[] = []
  const left: { readonly value: unknown; readonly name: string; readonly around: Around | null }[] = [
    { value: record, name: '', around: null },
  ]
  // Not by recursion: a record may be nested deeper than any stack.
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, name, around } = next
    if (typeof value !== 'object' || value === null) continue
    const fields = value as Fields
    const isList = Array.isArray(value)
    if (around !== null && fields['kind'] === 'person' && fields['verified'] === true)
      spots.push({ by: personOf(fields), field: name, around })
    const own = isList ? around : { name, fields, outer: around }
    for (const [key, each] of Object.entries(fields)) left.push({ value: each, name: isList ? name : key, around: own })
  }
  return spots.toReversed()
}

/** The nearest object around with a name, such as the deployment that a sign-off is of. */
export function nearest(around: Around | null, name: string): Fields | null {
  for (let each = around; each !== null; each = each.outer) if (each.name === name) return each.fields
  return null
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function personOf({ name, key, statement }: Fields): VerifiedPerson {
  return { name: textOf(name) ?? '', key: textOf(key), statement: textOf(statement) }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
