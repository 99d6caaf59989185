import type { Client } from '@temporalio/client'
import { buildId, deploymentId, environmentId, repositoryId } from '../../workflows/ids.ts'
import { environmentQuery } from '../../workflows/messages.ts'
import { seenIn } from './events.ts'
import { momentsOf, type Moments } from './moments.ts'

type Delivery = {
  readonly project: string
  readonly environment: string
  readonly revision: string
  /** Milliseconds since 1970. */
  readonly begun: number
}

/** Of a delivery that has just ended: its deployment is the environment's newest. */
export async function readMoments(client: Client, { project, environment, revision, begun }: Delivery): Promise<Moments> {
  const { state } = await client.workflow.getHandle(environmentId(project, environment)).query(environmentQuery)
  const read = async (workflowId: string) => seenIn(await client.workflow.getHandle(workflowId).fetchHistory(), begun)
  const [repository, build, surroundings, deployment] = await Promise.all([
    read(repositoryId(project)),
    read(buildId(project, revision)),
    read(environmentId(project, environment)),
    read(deploymentId(project, environment, state.current?.epoch ?? 0)),
  ])
  return momentsOf({ repository, build, environment: surroundings, deployment })
}
