import type { WorkflowHandle } from '@temporalio/client'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>
type Event = NonNullable<History['events']>[number]

/**
 * Fails for a workflow that was started, or an activity or child that was scheduled, without a summary for the person who
 * reads the Temporal UI.
 */
export function assertSummaries(workflowId: string, history: History): void {
  const events = history.events ?? []
  const missing = events.filter((event) => needsSummary(event) && !hasSummary(event)).map(nameOf)
  if (missing.length > 0) throw new Error(`without a summary in ${workflowId}: ${[...new Set(missing)].join(', ')}`)
  if (events.length === 0) throw new Error(`${workflowId} has no history to look at`)
}

function needsSummary(event: Event): boolean {
  const started = event.workflowExecutionStartedEventAttributes
  // Temporal gives a run that continues another no summary of its own.
  if (started) return !started.continuedExecutionRunId
  return Boolean(event.activityTaskScheduledEventAttributes ?? event.startChildWorkflowExecutionInitiatedEventAttributes)
}

function hasSummary(event: Event): boolean {
  const data = event.userMetadata?.summary?.data
  return data !== null && data !== undefined && data.length > '""'.length
}

function nameOf(event: Event): string {
  const activity = event.activityTaskScheduledEventAttributes?.activityType?.name
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name
  const workflow = event.workflowExecutionStartedEventAttributes?.workflowType?.name
  return activity ? `activity ${activity}` : child ? `child ${child}` : `workflow ${workflow ?? 'unknown'}`
}
