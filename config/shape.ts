import { globalRegistry, ZodNumber, type z } from 'zod'

/** Reading a zod schema as a tree of options: which keys there are, what lies below one, what it is for. */

export type Schema = z.core.$ZodType

function definition(schema: Schema) {
  return (schema as z.core.$ZodTypes)._zod.def
}

/** The schema below `optional`, `default` and `prefault`. */
function bare(schema: Schema): Schema {
  const def = definition(schema)
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
      return bare(def.innerType)
    default:
      return schema
  }
}

/** The alternatives of a union, flat; of any other schema itself alone. */
export function alternatives(schema: Schema): readonly Schema[] {
  const def = definition(bare(schema))
  return def.type === 'union' ? def.options.flatMap(alternatives) : [bare(schema)]
}

/** The keys that a mapping may have, of all alternatives together; none where the keys are names of the user's own. */
export function keysOf(schema: Schema): readonly string[] {
  return [...new Set(alternatives(schema).flatMap((each) => Object.keys(shapeOf(each))))]
}

function requiredKeys(schema: Schema): readonly string[] {
  return Object.entries(shapeOf(schema))
    .filter(([, each]) => !isOptional(each))
    .map(([key]) => key)
}

/** True when the option may be left out. */
export function isOptional(schema: Schema): boolean {
  return schema._zod.optin !== undefined
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const def = definition(bare(schema))
  return def.type === 'object' ? def.shape : {}
}

/** The schema of what lies below a key or an index. */
export function below(schema: Schema, key: string | number): Schema | null {
  for (const each of alternatives(schema)) {
    const def = definition(each)
    if (def.type === 'object' && Object.hasOwn(def.shape, key)) return def.shape[key] ?? null
    if (def.type === 'record') return def.valueType
    if (def.type === 'array') return def.element
  }
  return null
}

export function isMapping(schema: Schema): boolean {
  const { type } = definition(bare(schema))
  return type === 'object' || type === 'record'
}

/** The fixed values of an enum or a literal; none for any other schema. */
export function valuesOf(schema: Schema): readonly string[] {
  const def = definition(bare(schema))
  if (def.type === 'enum') return Object.values(def.entries).map(String)
  if (def.type === 'literal') return def.values.map(String)
  return []
}

/** What a value has to be, in words. */
export function describeShape(schema: Schema): string {
  const each = alternatives(schema)
  if (each.length > 1) return `one of: ${each.map(describeShape).join(' | ')}`
  const only = bare(schema)
  const def = definition(only)
  switch (def.type) {
    case 'object':
      return describeMapping(only)
    case 'record':
      return 'a mapping from names to entries'
    case 'array':
      return 'a list'
    case 'string':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'number':
      return describeNumber(only)
    default:
      return valuesOf(only).join(' | ')
  }
}

/** What the option is for, as `.describe()` said it. */
export function descriptionOf(schema: Schema): string | null {
  const own = globalRegistry.get(schema)?.description
  if (own !== undefined) return own
  const inner = bare(schema)
  return inner === schema ? null : descriptionOf(inner)
}

function describeMapping(schema: Schema): string {
  const keys = requiredKeys(schema)
  if (keys.length === 0) return `a mapping with any of ${keysOf(schema).join(', ')}`
  const shown = keys.map((key) => {
    const inner = below(schema, key)
    const values = inner === null ? [] : valuesOf(inner)
    return values.length === 1 ? `${key}: ${values[0]}` : key
  })
  return `{ ${shown.join(', ')} }`
}

function describeNumber(schema: Schema): string {
  if (!(schema instanceof ZodNumber)) return 'a number'
  const { format, minValue, maxValue } = schema
  const range = minValue === null || maxValue === null ? '' : ` from ${minValue} to ${maxValue}`
  return `${format === 'safeint' ? 'a whole number' : 'a number'}${range}`
}
