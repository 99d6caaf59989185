import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { Activities } from '../../activities/contract.ts'
import { workflowBundle } from '../../worker/bundle.ts'
import type { Converter } from '../../worker/converter.ts'
import { ensureEnvironment, ensureRepository } from '../../worker/entities.ts'
import { environmentId, repositoryId } from '../../workflows/ids.ts'
import { BUILD_QUEUE, deployQueue, MAIN_QUEUE } from '../../workflows/queues.ts'
import { openConversation } from '../fakes/conversation.ts'
import { assertSmall } from '../fakes/payloads.ts'
import { assertSummaries } from '../fakes/summaries.ts'
import { startTemporal, type TemporalServer } from '../fakes/temporal-server.ts'
import type { ProjectSettings } from '../../domain/settings.ts'
import type { World } from '../fakes/world.ts'

Runtime.install({ logger: new DefaultLogger('ERROR') })

export type Stage = Awaited<ReturnType<typeof openStage>>

/** The workflows that a worker runs: those of today, unless a test brings others. */
export type Bundle = { readonly codePath: string } | { readonly code: string }

/** A stage of a house; the house is closed, not the scene. */
export type Scene = ReturnType<Awaited<ReturnType<typeof openHouse>>['stage']>

/** A real Temporal with the real workflows, and the world that the test steers behind the activities. */
export async function openStage(world: World, server?: TemporalServer, bundle?: Bundle, converter?: Converter) {
  const house = await openHouse([world], server, bundle, converter)
  return { ...house.stage(world), restartWorkers: house.restartWorkers, close: house.close }
}

/** The same for many projects, each with a world of its own, on one server and with one set of workers. */
export async function openHouse(worlds: readonly World[], server?: TemporalServer, bundle?: Bundle, converter?: Converter) {
  const temporal = server ?? (await startTemporal())
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection, ...(converter && { dataConverter: converter.dataConverter }) })
  let workers = await startWorkers(temporal.address, worlds, bundle, converter)
  /** The workers end as after SIGTERM and others take their place, with the workflows of today or those given. */
  const restartWorkers = async (next?: Bundle, nextConverter = converter) => {
    await workers.stop()
    workers = await startWorkers(temporal.address, worlds, next, nextConverter)
  }
  return {
    stage: (world: World) => {
      const { project } = world.settings
      return {
        ...openConversation(client, project),
        client,
        address: temporal.address,
        /** @param continueAfterEvents every entity continues as new after so many events, however short its history is */
        begin: async (continueAfterEvents?: number) => {
          if (continueAfterEvents !== undefined) await beginShortLived(client, world.settings, continueAfterEvents)
          await ensureRepository(client, project)
          await Promise.all(world.settings.environments.map(({ name }) => ensureEnvironment(client, project, name)))
        },
        /** Everything that was made has a summary for the person who reads the Temporal UI, and is small. @returns the types */
        assertHistories: async () => {
          const types = new Set<string>()
          for await (const { workflowId, runId, type } of client.workflow.list({ query: `WorkflowId STARTS_WITH "slipway/${project}/"` })) {
            const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
            assertSummaries(workflowId, history)
            assertSmall(workflowId, history)
            types.add(type)
          }
          return types
        },
      }
    },
    restartWorkers,
    close: async () => {
      await workers.stop()
      await connection.close()
      if (server === undefined) await temporal.stop()
    },
  }
}

/** The entities of a project, each in a run after another of at most about so many events. */
export async function beginShortLived(
  client: Client,
  { project, environments }: Pick<ProjectSettings, 'project' | 'environments'>,
  continueAfterEvents: number,
): Promise<void> {
  const common = { taskQueue: MAIN_QUEUE, staticSummary: 'continues as new early' }
  await client.workflow.start('repository', { ...common, workflowId: repositoryId(project), args: [{ project, continueAfterEvents }] })
  for (const { name } of environments) {
    const args = [{ project, environment: name, continueAfterEvents }]
    await client.workflow.start('environment', { ...common, workflowId: environmentId(project, name), args })
  }
}

/** Each activity belongs to the project that its input names. */
function activitiesOf(worlds: readonly World[]) {
  const all = new Map(worlds.map((world) => [world.settings.project, world.activities()]))
  const [first] = all.values()
  const of = (input: { project?: string }) => all.get(input.project ?? '') ?? first
  const names = Object.keys(first ?? {}) as (keyof Activities)[]
  return Object.fromEntries(
    names.map((name) => [name, (input: never) => (of(input)?.[name] as ((input: never) => unknown) | undefined)?.(input)]),
  )
}

async function startWorkers(address: string, worlds: readonly World[], given?: Bundle, converter?: Converter) {
  const connection = await NativeConnection.connect({ address })
  const bundle = given ?? (await workflowBundle(converter))
  const environments = new Set(worlds.flatMap((world) => world.settings.environments.map(({ name }) => name)))
  const queues = [MAIN_QUEUE, BUILD_QUEUE, ...[...environments].map(deployQueue)]
  const activities = activitiesOf(worlds)
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        connection,
        taskQueue,
        activities,
        ...(converter && { dataConverter: converter.dataConverter }),
        // What waits for a worker that is gone is given to another one soon.
        stickyQueueScheduleToStartTimeout: '1s',
        ...(taskQueue === MAIN_QUEUE ? { workflowBundle: bundle } : {}),
      }),
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
