import type { Client } from '@temporalio/client'

/** Of a history, or of a part of one. */
export type Size = { readonly events: number; readonly bytes: number }

export const NOTHING: Size = { events: 0, bytes: 0 }

/** As the server counts it, of the newest run. */
export async function sizeOf(client: Client, workflowId: string): Promise<Size> {
  const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe()
  return { events: historyLength, bytes: historySize ?? 0 }
}

export function plus(one: Size, other: Size): Size {
  return { events: one.events + other.events, bytes: one.bytes + other.bytes }
}

export function minus(one: Size, other: Size): Size {
  return { events: one.events - other.events, bytes: one.bytes - other.bytes }
}

/** How often a cost fits into what is allowed; events and bytes both count. */
export function timesIn(allowed: Size, cost: Size): number {
  return Math.floor(Math.min(allowed.events / cost.events, allowed.bytes / cost.bytes))
}
