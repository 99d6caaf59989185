import type { WorkflowHandle } from '@temporalio/client'
import type { Seen } from './moments.ts'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>
type HistoryEvent = NonNullable<History['events']>[number]

/** What happened in a workflow from a moment on (milliseconds since 1970), in the order of the times. */
export function seenIn({ events }: History, begun: number): Seen[] {
  const activities = new Map<number, string>()
  const seen: Seen[] = []
  for (const event of events ?? []) {
    const what = describe(event, activities)
    const at = millisecondsOf(event) - begun
    if (what !== null && at >= 0) seen.push({ at, ...what })
  }
  return seen.toSorted((a, b) => a.at - b.at)
}

/** @param activities names by the event that scheduled them; grows */
function describe(event: HistoryEvent, activities: Map<number, string>): Omit<Seen, 'at'> | null {
  const nameOf = (id: unknown) => activities.get(Number(id)) ?? 'unknown'
  const signal = event.workflowExecutionSignaledEventAttributes
  if (signal) return { kind: 'signal', name: signal.signalName ?? '' }
  const scheduled = event.activityTaskScheduledEventAttributes
  if (scheduled) {
    const name = scheduled.activityType?.name ?? ''
    activities.set(Number(event.eventId), name)
    return { kind: 'scheduled', name }
  }
  const started = event.activityTaskStartedEventAttributes
  if (started) return { kind: 'started', name: nameOf(started.scheduledEventId) }
  const completed = event.activityTaskCompletedEventAttributes
  if (completed) return { kind: 'completed', name: nameOf(completed.scheduledEventId) }
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes
  if (child) return { kind: 'child', name: child.workflowType?.name ?? '' }
  const begun = event.workflowExecutionStartedEventAttributes
  return begun ? { kind: 'begun', name: begun.workflowType?.name ?? '' } : null
}

function millisecondsOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6
}
