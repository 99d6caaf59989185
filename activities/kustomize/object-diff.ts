import { stringify } from 'yaml'
import { unifiedDiff } from '../plan/unified-diff.ts'
import { essenceOf, withoutNotes } from './essence.ts'
import { hideForeignValues } from './foreign-values.ts'
import type { Live } from './live.ts'

/**
 * The fields of an object that would change, as a unified diff of its YAML. Null stands for an object that is not there.
 * Of a Secret, only the keys are shown, and which of them change; of an environment variable that somebody else set, its name.
 */
export function objectDiff(before: Live | null, after: Live | null): string | null {
  const [from, to] = hideSecrets(before && shown(before), after && shown(after))
  return unifiedDiff(yamlOf(from), yamlOf(to))
}

type Shown = Record<string, unknown>

/** What the server made up is left out: it is on one side only, and nobody decided it. */
function shown(object: Live): Shown {
  const essence = withoutNotes(essenceOf(object))
  const { uid: _uid, creationTimestamp: _made, ...metadata } = essence.metadata
  return hideForeignValues({ ...essence, metadata }, object.metadata.managedFields)
}

function yamlOf(object: Shown | null): string {
  return object === null ? '' : stringify(object, { lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false })
}

const HIDDEN = '***'

function hideSecrets(before: Shown | null, after: Shown | null): readonly [Shown | null, Shown | null] {
  if (![before, after].some((each) => each?.['kind'] === 'Secret')) return [before, after]
  return ['data', 'stringData'].reduce<readonly [Shown | null, Shown | null]>(
    ([from, to], field) => [hide(from, to, field, 'before'), hide(to, from, field, 'after')],
    [before, after],
  )
}

/** `***` for a value that stays; what changes says on which side it stands, as kubectl does. */
function hide(object: Shown | null, other: Shown | null, field: string, side: string): Shown | null {
  const values = mapAt(object, field)
  if (object === null || values === null) return object
  const others = mapAt(other, field)
  const hidden = Object.entries(values).map(([key, value]) => {
    const changes = others !== null && Object.hasOwn(others, key) && others[key] !== value
    return [key, changes ? `${HIDDEN} (${side})` : HIDDEN]
  })
  return { ...object, [field]: Object.fromEntries(hidden) }
}

function mapAt(object: Shown | null, field: string): Shown | null {
  const value = object?.[field]
  return typeof value === 'object' && value !== null ? (value as Shown) : null
}
