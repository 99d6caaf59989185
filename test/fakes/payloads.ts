import type { WorkflowHandle } from '@temporalio/client'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>

/** Nothing in a history may be larger than this, so that no history grows without bound: bytes. */
const LARGEST = 64 * 1024

/** Fails for an event whose payloads together are too large. */
export function assertSmall(workflowId: string, history: History): void {
  for (const event of history.events ?? []) {
    const bytes = bytesIn(event)
    if (bytes > LARGEST)
      throw new Error(`event ${String(event.eventId)} of ${workflowId} holds ${bytes} bytes, at most ${LARGEST} are allowed`)
  }
}

function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((sum, each) => sum + bytesIn(each), 0)
}
