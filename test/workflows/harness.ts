import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { workflowBundle } from '../../worker/bundle.ts'
import { ensureEnvironment, ensureRepository } from '../../worker/entities.ts'
import { environmentId, repositoryId } from '../../workflows/ids.ts'
import { BUILD_QUEUE, deployQueue, MAIN_QUEUE } from '../../workflows/queues.ts'
import { openConversation } from '../fakes/conversation.ts'
import { startTemporal, type TemporalServer } from '../fakes/temporal-server.ts'
import type { World } from '../fakes/world.ts'

Runtime.install({ logger: new DefaultLogger('ERROR') })

export type Stage = Awaited<ReturnType<typeof openStage>>

/** A real Temporal with the real workflows, and the world that the test steers behind the activities. */
export async function openStage(world: World, server?: TemporalServer) {
  const temporal = server ?? (await startTemporal())
  const { project } = world.settings
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection })
  let workers = await startWorkers(temporal.address, world)
  return {
    ...openConversation(client, project),
    client,
    address: temporal.address,
    /** @param continueAfterEvents every entity continues as new after so many events, however short its history is */
    begin: async (continueAfterEvents?: number) => {
      if (continueAfterEvents !== undefined) await beginShortLived(client, world, continueAfterEvents)
      await ensureRepository(client, project)
      await Promise.all(world.settings.environments.map(({ name }) => ensureEnvironment(client, project, name)))
    },
    /** The workers end as after SIGTERM and others take their place. */
    restartWorkers: async () => {
      await workers.stop()
      workers = await startWorkers(temporal.address, world)
    },
    close: async () => {
      await workers.stop()
      await connection.close()
      if (server === undefined) await temporal.stop()
    },
  }
}

async function beginShortLived(client: Client, world: World, continueAfterEvents: number): Promise<void> {
  const { project, environments } = world.settings
  const common = { taskQueue: MAIN_QUEUE, staticSummary: 'continues as new early' }
  await client.workflow.start('repository', { ...common, workflowId: repositoryId(project), args: [{ project, continueAfterEvents }] })
  for (const { name } of environments) {
    const args = [{ project, environment: name, continueAfterEvents }]
    await client.workflow.start('environment', { ...common, workflowId: environmentId(project, name), args })
  }
}

async function startWorkers(address: string, world: World) {
  const connection = await NativeConnection.connect({ address })
  const bundle = await workflowBundle()
  const queues = [MAIN_QUEUE, BUILD_QUEUE, ...world.settings.environments.map(({ name }) => deployQueue(name))]
  const activities = world.activities()
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({ connection, taskQueue, activities, ...(taskQueue === MAIN_QUEUE ? { workflowBundle: bundle } : {}) }),
    ),
  )
  const running = Promise.all(workers.map((worker) => worker.run()))
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown()
      await running
      await connection.close()
    },
  }
}
