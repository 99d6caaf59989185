import type { Client, WorkflowExecutionInfo } from '@temporalio/client'
import { ENVIRONMENT, PROJECT } from '../../workflows/attributes.ts'
import { textOf } from './picture.ts'

/** A build or a deployment that has ended. */
export type Ended = {
  readonly what: 'build' | 'deployment'
  readonly project: string
  readonly environment: string
  /** `ended`: without a result, as when somebody terminated it. */
  readonly outcome: 'ok' | 'failed' | 'ended'
  readonly seconds: number
}

const MOST_EACH_TIME = 200
/** Temporal's index may show an end later than one that came after it. */
const OVERLAP_MS = 60_000

/** Gives what has ended since it was asked last, each once; first what has ended since it was made. */
export function createEnded(client: Client, now: () => number): () => Promise<Ended[]> {
  const begin = now()
  let since = begin
  let known = new Map<string, number>()
  return async () => {
    const after = Math.max(begin, since - OVERLAP_MS)
    const query = `WorkflowType IN ("build", "deployment") AND CloseTime > "${new Date(after).toISOString()}"`
    const found: WorkflowExecutionInfo[] = []
    for await (const each of client.workflow.list({ query })) {
      if (!known.has(each.runId)) found.push(each)
      if (found.length >= MOST_EACH_TIME) break
    }
    const ended: Ended[] = []
    for (const each of found) {
      const at = each.closeTime?.getTime() ?? now()
      known.set(each.runId, at)
      since = Math.max(since, at)
      ended.push(await endOf(client, each))
    }
    known = new Map([...known].filter(([, at]) => at > since - 2 * OVERLAP_MS))
    return ended
  }
}

async function endOf(client: Client, found: WorkflowExecutionInfo): Promise<Ended> {
  const { type, workflowId, runId, startTime, closeTime } = found
  const outcome = await client.workflow
    .getHandle(workflowId, runId)
    .result()
    .then(wentWell, () => 'ended' as const)
  return {
    what: type === 'build' ? 'build' : 'deployment',
    project: textOf(found, PROJECT),
    environment: textOf(found, ENVIRONMENT),
    outcome,
    seconds: ((closeTime ?? startTime).getTime() - startTime.getTime()) / 1000,
  }
}

/** A build reports `ok`, a deployment its `kind`. */
function wentWell(result: unknown): 'ok' | 'failed' {
  const { ok, kind } = (result ?? {}) as { ok?: unknown; kind?: unknown }
  return ok === true || kind === 'verified' ? 'ok' : 'failed'
}
