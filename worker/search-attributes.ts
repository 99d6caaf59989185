import type { Connection } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../workflows/attributes.ts'

/** `IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2

/** Makes sure that the namespace knows Slipway's search attributes: without them no workflow starts. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { operatorService } = connection
  const known = await operatorService.listSearchAttributes({ namespace })
  const missing = SEARCH_ATTRIBUTES.filter((key) => known.customAttributes?.[key.name] === undefined)
  if (missing.length === 0) return
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((key) => [key.name, KEYWORD])),
    })
  } catch (error) {
    // Two workers that start together both try; whoever came second finds them there.
    const again = await operatorService.listSearchAttributes({ namespace })
    const still = missing.filter((key) => again.customAttributes?.[key.name] === undefined)
    if (still.length === 0) return
    const names = still.map((key) => `--name ${key.name} --type Keyword`).join(' ')
    throw new Error(
      `the namespace ${namespace} lacks search attributes and they could not be added; do it with: temporal operator search-attribute create ${names}`,
      { cause: error },
    )
  }
}
