import type { WorkflowHandle } from '@temporalio/client'
import { PHASE } from '../../workflows/attributes.ts'
import { isNamed } from '../explain.ts'

/** The phase in which a workflow came to its own end; null while it runs, when it was stopped, and when it is not there. */
export async function ending(handle: WorkflowHandle): Promise<string | null> {
  try {
    const { status, typedSearchAttributes } = await handle.describe()
    return status.name === 'COMPLETED' ? (typedSearchAttributes.get(PHASE) ?? 'over') : null
  } catch (error) {
    if (isNamed(error, 'WorkflowNotFoundError')) return null
    throw error
  }
}
