import { toJSONSchema, type z } from 'zod'
import { secret } from './estate-access.ts'
import { estateSchema } from './estate-schema.ts'
import type { ConfigKind } from './read.ts'
import { alternatives, below, descriptionOf, describeShape, isOptional, keysOf, type Schema } from './shape.ts'
import { slipwaySchema } from './slipway-schema.ts'

/** What the schemas say, for editors (JSON Schema) and for the documentation (a list of options). */

export type Option = {
  /** Such as `projects.<name>.environments.<name>.health[].url`. */
  readonly path: string
  readonly value: string
  /** False for what is one of several forms: there, one of them is required. */
  readonly required: boolean
  /** As JSON; null where the description says what the default is, or there is none. */
  readonly default: string | null
  readonly description: string
}

const SCHEMAS = { slipway: slipwaySchema, estate: estateSchema } satisfies Record<ConfigKind, z.ZodType>

/** JSON Schema of a file as it is written, before defaults: draft 7, the one that YAML editors know best. */
export function jsonSchemaOf(kind: ConfigKind): object {
  const { $schema, ...schema } = toJSONSchema(SCHEMAS[kind], { io: 'input', target: 'draft-7' })
  return { $schema, title: `${kind}.yaml`, ...schema }
}

/** Every option of a file, parents before what lies in them. */
export function listOptions(kind: ConfigKind): readonly Option[] {
  return optionsIn(SCHEMAS[kind], '')
}

function optionsIn(schema: Schema, path: string): readonly Option[] {
  const named = below(schema, '<name>')
  const item = below(schema, 0)
  if (keysOf(schema).length === 0 && named !== null && named === item && !isSecretOrText(named)) {
    return optionsIn(named, isList(schema) ? `${path}[]` : `${path}.<name>`)
  }
  return keysOf(schema).flatMap((key) => {
    const inner = below(schema, key)
    if (inner === null) return []
    const here = path === '' ? key : `${path}.${key}`
    const own = { ...option(inner, here), required: !isOptional(inner) && alternatives(schema).length === 1 }
    return isSecret(inner) || isSecretOrText(inner) ? [own] : [own, ...optionsIn(inner, here)]
  })
}

function option(schema: Schema, path: string): Omit<Option, 'required'> {
  return {
    path,
    value: describeShape(schema),
    default: defaultOf(schema),
    description: descriptionOf(schema) ?? '',
  }
}

function defaultOf(schema: Schema): string | null {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'default') return JSON.stringify(def.defaultValue)
  return null
}

function isList(schema: Schema): boolean {
  return alternatives(schema).some((each) => (each as z.core.$ZodTypes)._zod.def.type === 'array')
}

/** A secret's two forms are explained once, and not at each of its places. */
function isSecret(schema: Schema): boolean {
  return describeShape(schema) === describeShape(secret)
}

/** Such as a variable of a compose file, or the address of a webhook. */
function isSecretOrText(schema: Schema): boolean {
  const [text, ...forms] = alternatives(schema).map(describeShape)
  return text === 'text' && `one of: ${forms.join(' | ')}` === describeShape(secret)
}
