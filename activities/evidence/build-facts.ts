import { eventsOf, valuesIn, type HistoryEvent } from './history.ts'
import type { Run } from './records.ts'

/** What the history of a build tells of the image of one service. */
export type BuildFacts = {
  readonly service: string
  readonly invocation: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly log: string | null
  readonly bases: readonly { readonly name: string; readonly digest: string }[]
}

type Attributes = Readonly<Record<string, unknown>>

/** By the activities that built: a service whose image was known already has none. */
export function buildFacts(run: Run, history: string): BuildFacts[] {
  const events = eventsOf(history)
  const byId = new Map(events.map((event) => [event.eventId, event]))
  return events.flatMap((event) => {
    const completed = event['activityTaskCompletedEventAttributes'] as Attributes | undefined
    if (completed === undefined) return []
    const scheduled = byId.get(String(completed['scheduledEventId']))
    const started = byId.get(String(completed['startedEventId']))
    if (scheduled === undefined || started === undefined || typeOf(scheduled) !== 'buildImage') return []
    return valuesIn(completed).flatMap((value) => factsOf(value as Attributes, { run, started, completed: event }))
  })
}

function factsOf(
  built: Attributes,
  { run, started, completed }: { run: Run; started: HistoryEvent; completed: HistoryEvent },
): BuildFacts[] {
  if (typeof built['service'] !== 'string' || built['reused'] === true) return []
  const log = (built['log'] as { digest?: unknown } | null)?.digest
  const bases = (Array.isArray(built['bases']) ? built['bases'] : []) as { name?: unknown; digest?: unknown }[]
  return [
    {
      service: built['service'],
      invocation: `${run.workflowId}/${run.runId}`,
      startedAt: started.eventTime,
      finishedAt: completed.eventTime,
      log: typeof log === 'string' ? log : null,
      bases: bases.flatMap(({ name, digest }) => (typeof name === 'string' && typeof digest === 'string' ? [{ name, digest }] : [])),
    },
  ]
}

function typeOf(scheduled: HistoryEvent): string | undefined {
  const attributes = scheduled['activityTaskScheduledEventAttributes'] as { activityType?: { name?: string } } | undefined
  return attributes?.activityType?.name
}
