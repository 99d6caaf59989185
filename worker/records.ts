import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import type { Concerned, Records, Run } from '../activities/evidence/records.ts'
import { formatReleaseTag, parseReleaseTag } from '../domain/release-tag.ts'
import { formatVersion } from '../domain/version.ts'
import { inPlain } from './plain-history.ts'
import { buildId, deploymentId, environmentId, mergeBackId, sprintId } from '../workflows/ids.ts'
import type { EnvironmentView, SprintView } from '../workflows/messages.ts'

const QUERY_MS = 20_000

/** What Temporal still knows, asked by the worker's own client. */
export function createRecords(client: Client): Records {
  const state = async <V extends { readonly state: unknown }>(workflowId: string): Promise<V['state'] | null> => {
    try {
      const view = await client.withDeadline(Date.now() + QUERY_MS, () => client.workflow.getHandle(workflowId).query<V>('state'))
      return view.state
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null
      throw error
    }
  }
  return {
    sprint: (project, version) => state<SprintView>(sprintId(project, version)),
    environment: (project, name) => state<EnvironmentView>(environmentId(project, name)),
    runs: (project, concerned) => runsOf(client, project, concerned),
    history: async ({ workflowId, runId }) => {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
      return historyToJSON(await inPlain(history, client.options.loadedDataConverter.payloadCodecs))
    },
  }
}

/** The sprint and its deployments first, then what was built, then the environments, whose histories hold other versions too. */
async function runsOf(client: Client, project: string, concerned: Concerned): Promise<Run[]> {
  const { version, environments, deployments, revisions, since } = concerned
  const own = new Set([
    sprintId(project, version),
    ...deployments.map(({ environment, epoch }) => deploymentId(project, environment, epoch)),
    ...revisions.map((revision) => buildId(project, revision)),
    ...environments.map((name) => environmentId(project, name)),
  ])
  const listed = await list(client, `WorkflowId STARTS_WITH ${quoted(mergeBackId(project, `v${version}`))}`)
  for (const { workflowId } of listed) if (isMergeBackOf(project, version, workflowId)) own.add(workflowId)
  const runs: Run[] = []
  for (const id of own) runs.push(...(await list(client, `WorkflowId = ${quoted(id)}`, since)))
  return runs
}

function isMergeBackOf(project: string, version: string, workflowId: string): boolean {
  const tag = parseReleaseTag(workflowId.slice(mergeBackId(project, '').length))
  return tag.ok && formatVersion(tag.value.version) === version && workflowId === mergeBackId(project, formatReleaseTag(tag.value))
}

/** What ended before `since` is left out; the oldest first. */
async function list(client: Client, query: string, since = 0): Promise<Run[]> {
  const runs: (Run & { startedAt: number })[] = []
  for await (const info of client.workflow.list({ query })) {
    if (info.closeTime !== undefined && info.closeTime.getTime() < since) continue
    const { workflowId, runId, type, historySize = 0 } = info
    runs.push({ workflowId, runId, type, historyBytes: historySize, startedAt: info.startTime.getTime() })
  }
  return runs.toSorted((a, b) => a.startedAt - b.startedAt).map(({ startedAt: _startedAt, ...run }) => run)
}

/** Ids are of plain words; see config/names.ts. */
function quoted(id: string): string {
  return JSON.stringify(id)
}
