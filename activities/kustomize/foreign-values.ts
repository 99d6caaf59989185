import type { Fields, Live } from './live.ts'
import { isItem, isMap } from './owned-fields.ts'
import { FIELD_MANAGER } from './ownership.ts'

const HIDDEN = '***'

/**
 * The object without the values of environment variables that Slipway did not apply: what somebody set by hand may be a
 * secret. What Slipway applied lies in the repository. An object that nobody manages is a manifest, and shown as it is.
 */
export function hideForeignValues<Object extends object>(object: Object, managed: Live['metadata']['managedFields']): Object {
  if (managed === undefined) return object
  const ours = managed.find(({ manager, operation, subresource }) => manager === FIELD_MANAGER && operation === 'Apply' && !subresource)
  return visit(object, ours?.fieldsV1) as Object
}

function visit(value: unknown, owned: Fields | undefined): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => visit(item, itemFields(item, owned)))
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const inner = owned?.[`f:${key}`]
      const isEnvironment = key === 'env' && Array.isArray(each)
      return [key, isEnvironment ? each.map((item: unknown) => variable(item, itemFields(item, inner))) : visit(each, inner)]
    }),
  )
}

function variable(item: unknown, owned: Fields | undefined): unknown {
  if (!isMap(item) || typeof item['value'] !== 'string' || owned?.['f:value'] !== undefined) return item
  return { ...item, value: HIDDEN }
}

function itemFields(item: unknown, owned: Fields | undefined): Fields | undefined {
  return Object.entries(owned ?? {}).find(([key]) => isItem(item, key))?.[1]
}
