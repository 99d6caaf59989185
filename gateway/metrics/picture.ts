import type { Client, WorkflowExecutionInfo } from '@temporalio/client'
import type { Wait } from '../../domain/wait.ts'
import { ENVIRONMENT, PHASE, PROJECT, VERSION } from '../../workflows/attributes.ts'
import { environmentQuery, sprintQuery } from '../../workflows/messages.ts'

/** What runs now, as far as it answered. */
export type Picture = {
  readonly sprints: readonly { readonly project: string; readonly phase: string }[]
  readonly waits: readonly (Pick<Wait, 'kind' | 'since'> & Owner)[]
  readonly unanswered: number
}

type Owner = { readonly project: string; readonly of: 'sprint' | 'environment'; readonly name: string }

const ANSWER_MS = 2_000
const AT_ONCE = 8
const MOST_WORKFLOWS = 500

/**
 * Phases come from Temporal's index, waits from the workflows themselves, each asked for two seconds at most.
 *
 * @throws whatever the client throws when Temporal does not list
 */
export async function readPicture(client: Client): Promise<Picture> {
  const [sprints, environments] = await Promise.all([running(client, 'sprint'), running(client, 'environment')])
  const asked = [
    ...sprints.map((found) => ({ found, of: 'sprint' as const, name: textOf(found, VERSION) })),
    ...environments.map((found) => ({ found, of: 'environment' as const, name: textOf(found, ENVIRONMENT) })),
  ]
  const waits: Picture['waits'][number][] = []
  let unanswered = 0
  const next = asked.values()
  const askOn = async () => {
    for (const { found, of, name } of next) {
      const answer = await waitsOf(client, found, of)
      if (answer === null) unanswered++
      else waits.push(...answer.map(({ kind, since }) => ({ kind, since, of, name, project: textOf(found, PROJECT) })))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, askOn))
  return { sprints: sprints.map((found) => ({ project: textOf(found, PROJECT), phase: textOf(found, PHASE) })), waits, unanswered }
}

async function running(client: Client, type: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = []
  for await (const each of client.workflow.list({ query: `WorkflowType = "${type}" AND ExecutionStatus = "Running"` })) {
    found.push(each)
    if (found.length >= MOST_WORKFLOWS) break
  }
  return found
}

async function waitsOf(client: Client, { workflowId }: WorkflowExecutionInfo, of: Owner['of']): Promise<readonly Wait[] | null> {
  const handle = client.workflow.getHandle(workflowId)
  try {
    return await client.connection.withDeadline(Date.now() + ANSWER_MS, async () => {
      const view = of === 'sprint' ? await handle.query(sprintQuery) : await handle.query(environmentQuery)
      return view.waits
    })
  } catch {
    return null
  }
}

export function textOf(found: WorkflowExecutionInfo, key: typeof PROJECT): string {
  return found.typedSearchAttributes.get(key) ?? ''
}
