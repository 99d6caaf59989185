import { setTimeout as sleep } from 'node:timers/promises'
import { repositoryId } from '../../workflows/ids.ts'
import { hintSignal, repositoryQuery } from '../../workflows/messages.ts'
import { countedIn, suggestionIn } from '../history/count-events.ts'
import type { Size } from '../history/size.ts'
import { sweepsIn } from '../history/sweeps.ts'
import type { Bench } from '../measure/bench.ts'
import { median } from '../statistics.ts'
import type { Led } from './stage.ts'

const HINTS_AT_ONCE = 50
const PAUSE_MS = 100
/** More than the server takes for one run: it suggests long before that. */
const MOST_HINTS = 9_000

/** What a look by the timer adds that finds nothing new: out of the history of a repository that has stood still for a while. */
export async function measureSweeps({ client, project }: Led): Promise<Size | null> {
  const sweeps = sweepsIn(countedIn(await client.workflow.getHandle(repositoryId(project.shape.name)).fetchHistory()))
  if (sweeps.length === 0) return null
  const middle = (what: keyof Size) => Math.round(median(sweeps.map((sweep) => sweep[what])))
  return { events: middle('events'), bytes: middle('bytes') }
}

/** Hints until the server suggests that the repository continues as new, and it does: where that is, the run before tells. */
export async function measureSuggestion({ say, signal }: Bench, { client, project }: Led): Promise<Size> {
  const workflowId = repositoryId(project.shape.name)
  const handle = client.workflow.getHandle(workflowId)
  const { runId, historyLength } = await handle.describe()
  say(`history: hints until the repository continues as new (${historyLength} events already)`)
  for (let hints = 0; hints < MOST_HINTS; hints += HINTS_AT_ONCE) {
    signal.throwIfAborted()
    await Promise.all(Array.from({ length: HINTS_AT_ONCE }, () => handle.signal(hintSignal)))
    // A hint that comes while it would continue as new keeps it from that: it answers first, and it has the time to look.
    await handle.query(repositoryQuery).catch(() => undefined)
    await sleep(PAUSE_MS)
    if ((await handle.describe()).runId === runId) continue
    const suggestion = suggestionIn(await client.workflow.getHandle(workflowId, runId).fetchHistory())
    if (suggestion !== null) return suggestion
    throw new Error(`${workflowId} continued as new, and its history holds no suggestion of the server to do so`)
  }
  const { historyLength: length } = await handle.describe()
  throw new Error(
    `${workflowId} did not continue as new after ${MOST_HINTS} hints, at ${length} events; does its server suggest it at all?`,
  )
}
