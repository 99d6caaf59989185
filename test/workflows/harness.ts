import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { Actor } from '../../domain/actor.ts'
import { workflowBundle } from '../../worker/bundle.ts'
import { ensureEnvironment, ensureRepository } from '../../worker/entities.ts'
import { environmentId, repositoryId, sprintId } from '../../workflows/ids.ts'
import * as messages from '../../workflows/messages.ts'
import { BUILD_QUEUE, deployQueue, MAIN_QUEUE } from '../../workflows/queues.ts'
import { startTemporal, type TemporalServer } from '../fakes/temporal-server.ts'
import { until, type World } from '../fakes/world.ts'

Runtime.install({ logger: new DefaultLogger('ERROR') })

export const ANNE: Actor = { kind: 'person', name: 'anne', verified: false }

export type Stage = Awaited<ReturnType<typeof openStage>>

/** A real Temporal with the real workflows, and the world that the test steers behind the activities. */
export async function openStage(world: World, server?: TemporalServer) {
  const temporal = server ?? (await startTemporal())
  const { project } = world.settings
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection })
  let workers = await startWorkers(temporal.address, world)
  const handle = { repository: client.workflow.getHandle(repositoryId(project)), environment: (name: string) => client.workflow.getHandle(environmentId(project, name)), sprint: (version: string) => client.workflow.getHandle(sprintId(project, version)) }

  const views = {
    repository: () => handle.repository.query(messages.repositoryQuery),
    environment: (name: string) => handle.environment(name).query(messages.environmentQuery),
    sprint: (version: string) => handle.sprint(version).query(messages.sprintQuery),
  }
  return {
    client,
    handle,
    ...views,
    address: temporal.address,
    begin: async () => {
      await ensureRepository(client, project)
      await Promise.all(world.settings.environments.map(({ name }) => ensureEnvironment(client, project, name)))
    },
    hint: () => handle.repository.signal(messages.hintSignal),
    start: (version: string, features: string[] = []) => handle.repository.executeUpdate(messages.startSprintUpdate, { args: [{ version, features, by: ANNE }] }),
    say: (version: string, command: messages.SprintCommand) => handle.sprint(version).executeUpdate(messages.commandUpdate, { args: [{ command, by: ANNE }] }),
    signOff: async (name: string, verdict: 'pass' | 'fail') => {
      const { state } = await views.environment(name)
      const current = state.current
      return handle.environment(name).executeUpdate(messages.signOffUpdate, {
        args: [{ verdict, epoch: current?.epoch ?? 0, revision: current?.snapshot.candidate.revision ?? '', by: ANNE, message: null }],
      })
    },
    approve: async (name: string) => handle.environment(name).executeUpdate(messages.approveUpdate, { args: [await voteOn(views, name)] }),
    reject: async (name: string) => handle.environment(name).executeUpdate(messages.rejectUpdate, { args: [{ ...(await voteOn(views, name)), reason: 'not today' }] }),
    runs: (name: string, tag: string) => until(() => views.environment(name), ({ state }) => state.current?.tag === tag && state.running === null),
    phase: (version: string, phase: string) => until(() => views.sprint(version), ({ state }) => state.phase === phase),
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

async function voteOn(views: { environment: (name: string) => Promise<messages.EnvironmentView> }, name: string): Promise<messages.Vote> {
  const { waits } = await until(() => views.environment(name), (view) => view.waits.some((wait) => wait.kind === 'approval'))
  const wait = waits.find((each) => each.kind === 'approval')
  return { request: wait?.request ?? '', hash: wait?.hash ?? '', by: ANNE, reason: null }
}

async function startWorkers(address: string, world: World) {
  const connection = await NativeConnection.connect({ address })
  const bundle = await workflowBundle()
  const queues = [MAIN_QUEUE, BUILD_QUEUE, ...world.settings.environments.map(({ name }) => deployQueue(name))]
  const activities = world.activities()
  const workers = await Promise.all(
    queues.map((taskQueue) => Worker.create({ connection, taskQueue, activities, ...(taskQueue === MAIN_QUEUE ? { workflowBundle: bundle } : {}) })),
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
