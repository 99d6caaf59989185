import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'

const ROOT = join(import.meta.dirname, '..', '..')

/** Where the recorded histories lie: `<workflow>-<scenario>-<number>.json`. */
export const HISTORIES = join(import.meta.dirname, 'histories')

/** Every run of every workflow; of each type at most four, the longest, keep the repository small. */
export async function saveHistories(scenario: string, client: Client): Promise<void> {
  const runs: { type: string; json: string; length: number }[] = []
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    // Where this checkout lies is in stack traces; it is nobody's business.
    const json = historyToJSON(history).replaceAll(`${ROOT}/`, '').replaceAll(ROOT, '.')
    runs.push({ type, json, length: history.events?.length ?? 0 })
  }
  for (const [type, each] of Map.groupBy(runs, (run) => run.type)) {
    const longest = each.toSorted((a, b) => b.length - a.length).slice(0, 4)
    for (const [index, { json }] of longest.entries()) {
      await writeFile(join(HISTORIES, `${type}-${scenario}-${index + 1}.json`), `${JSON.stringify(JSON.parse(json))}\n`)
    }
  }
}
