import type { WorkflowHandle } from '@temporalio/client'
import type { Size } from './size.ts'
import type { Counted } from './sweeps.ts'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>

/** The events of a history as they are counted. */
export function countedIn({ events }: History): Counted[] {
  return (events ?? []).map((event) => {
    const id = Number(event.eventId)
    if (event.timerStartedEventAttributes) return { id, kind: 'timerStarted' }
    if (event.timerFiredEventAttributes) return { id, kind: 'timerFired' }
    if (event.workflowExecutionSignaledEventAttributes || event.workflowExecutionUpdateAcceptedEventAttributes)
      return { id, kind: 'signal' }
    if (event.startChildWorkflowExecutionInitiatedEventAttributes) return { id, kind: 'child' }
    const task = event.workflowTaskStartedEventAttributes
    return task ? { id, kind: 'task', bytes: Number(task.historySizeBytes ?? 0) } : { id, kind: 'other' }
  })
}

/** Where the server first suggested to continue as new; null where it did not. */
export function suggestionIn({ events }: History): Size | null {
  const event = (events ?? []).find(({ workflowTaskStartedEventAttributes: task }) => task?.suggestContinueAsNew === true)
  const bytes = event?.workflowTaskStartedEventAttributes?.historySizeBytes
  return event === undefined ? null : { events: Number(event.eventId), bytes: Number(bytes ?? 0) }
}
