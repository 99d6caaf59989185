import type { Client } from '@temporalio/client'
import { isNamed } from '../explain.ts'
import type { PendingActivity } from './slipway.ts'

const DESCRIBE_MS = 4_000

type RawActivity = NonNullable<
  Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>['raw']['pendingActivities']
>[number]

/** What the activities of a running workflow told last; empty when it does not run. */
export async function pendingActivities(client: Client, workflowId: string): Promise<PendingActivity[]> {
  try {
    const described = await client.withDeadline(Date.now() + DESCRIBE_MS, () => client.workflow.getHandle(workflowId).describe())
    return await Promise.all((described.raw.pendingActivities ?? []).map((activity) => pending(client, activity)))
  } catch (error) {
    if (isNamed(error, 'WorkflowNotFoundError')) return []
    throw error
  }
}

async function pending(client: Client, activity: RawActivity): Promise<PendingActivity> {
  const beat = await heartbeat(client, activity)
  return {
    id: activity.activityId ?? '',
    type: activity.activityType?.name ?? '',
    line: text(beat, 'line'),
    service: text(beat, 'service'),
  }
}

async function heartbeat(client: Client, activity: RawActivity): Promise<unknown> {
  const payload = activity.heartbeatDetails?.payloads?.[0]
  if (payload === undefined || payload === null) return null
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter
  try {
    let plain = [payload]
    for (const codec of payloadCodecs.toReversed()) plain = await codec.decode(plain)
    return plain[0] === undefined ? null : payloadConverter.fromPayload(plain[0])
  } catch {
    // A key that is missing, or another converter wrote it: there is no line to show.
    return null
  }
}

function text(value: unknown, key: 'line' | 'service'): string | null {
  const found = typeof value === 'object' && value !== null && key in value ? (value as Record<string, unknown>)[key] : null
  return typeof found === 'string' ? found : null
}
