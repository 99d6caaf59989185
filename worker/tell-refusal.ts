import type { Client } from '@temporalio/client'
import type { TellRefusal } from '../activities/deploy/tell-refusal.ts'
import { environmentId } from '../workflows/ids.ts'
import { lateRefusalSignal } from '../workflows/messages.ts'

/** The attempt that was refused waits for it, and does not beat meanwhile: see APPLY and HOOK. */
const DEADLINE_MS = 5_000

export function createTellRefusal(client: Client): TellRefusal {
  return async ({ project, environment, ...refusal }) =>
    await client.withDeadline(Date.now() + DEADLINE_MS, async () =>
      client.workflow.getHandle(environmentId(project, environment)).signal(lateRefusalSignal, refusal),
    )
}
