import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Context } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { DefaultLogger, Runtime, Worker, type WorkerOptions } from '@temporalio/worker'
import { announcedOf } from '../activities/estate.ts'
import { createActivities } from '../activities/index.ts'
import type { AttemptContext, Estate } from '../activities/context.ts'
import { MAIN_QUEUE } from '../workflows/queues.ts'
import { workflowBundle } from './bundle.ts'
import { connectTemporal } from './connect.ts'
import { readConverter } from './converter.ts'
import { keepDriftSchedules } from './drift-schedules.ts'
import { ensureAnnouncer, ensureEnvironment, ensureRepository } from './entities.ts'
import type { Log } from './log.ts'
import { queuesOf } from './queues.ts'
import { createRecords } from './records.ts'
import { createTellRefusal } from './tell-refusal.ts'
import { slipwayVersion } from './version.ts'
import { ensureSearchAttributes } from './search-attributes.ts'
import { whileAway } from './while-away.ts'

export type RunOptions = {
  readonly estate: Estate
  readonly stateFolder: string
  /** Which task queues to serve; null: all that the estate needs. */
  readonly queues: readonly string[] | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Aborted: finish what runs, take nothing new. */
  readonly signal: AbortSignal
}

/** What runs goes on for so long after a shutdown was asked for; then it is cancelled and another worker begins it anew. */
const SHUTDOWN_GRACE = '20s'

/** The composition root: estate → clients → activities → one Worker a task queue. Ends when all of them have ended. */
export async function runWorker(options: RunOptions): Promise<void> {
  const { estate, log, signal } = options
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      // Only one of the queues has workflows; that is as it should be.
      if (!message.startsWith('No workflows registered')) log.warn({ temporal: level, ...plainMeta(meta) }, message)
    }),
    shutdownSignals: [],
  })
  const { dataConverter, encrypts } = await readConverter(options.environment)
  const temporal = await connectTemporal(log, dataConverter, signal)
  if (temporal === null) return
  const { client, namespace, native } = temporal
  const waiting = { log, signal, what: `Temporal does not answer, or has no namespace ${namespace} yet` }
  await whileAway(waiting, () => ensureSearchAttributes(temporal.connection, namespace))
  if (signal.aborted) return temporal.close()

  const activities = createActivities({
    estate,
    stateFolder: resolve(options.stateFolder),
    environment: options.environment,
    readFile: (path) => readFile(path, 'utf8'),
    attempt: currentAttempt,
    ensureEnvironment: (project, name) => ensureEnvironment(client, project, name),
    tellRefusal: createTellRefusal(client),
    keepSchedules: (project) => keepSchedules(options, client, project),
    records: createRecords(client),
    version: slipwayVersion(),
  })
  const queues = options.queues ?? queuesOf(estate.file)
  const bundle = queues.includes(MAIN_QUEUE) ? await workflowBundle({ encrypts }) : null
  const common = {
    connection: native,
    namespace,
    activities,
    dataConverter,
    shutdownGraceTime: SHUTDOWN_GRACE,
    // What a worker that has died was in the middle of goes to another one after this, not after ten seconds.
    stickyQueueScheduleToStartTimeout: '1s',
    // Live lines are read by people: the default would show them eight seconds late.
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
  } satisfies Partial<WorkerOptions>
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        ...common,
        taskQueue,
        ...(taskQueue === MAIN_QUEUE && bundle !== null ? { workflowBundle: bundle, maxCachedWorkflows: 500 } : {}),
      }),
    ),
  )
  if (bundle !== null) {
    const projects = Object.keys(estate.file.projects)
    await whileAway(waiting, () => Promise.all(projects.map((project) => ensureProject(options, client, project))))
    // Behind what has to be there: it is read page by page, and nobody waits for it.
    void Promise.all(projects.map((project) => keepSchedules(options, client, project)))
  }

  log.info({ queues, projects: Object.keys(estate.file.projects) }, 'worker is ready')
  const shutdown = () => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown())
  signal.addEventListener('abort', shutdown)
  const running = Promise.all(workers.map((worker) => worker.run()))
  if (signal.aborted) shutdown()
  await running
  await temporal.close()
  log.info('worker has ended')
}

async function ensureProject({ estate }: RunOptions, client: Client, project: string): Promise<void> {
  const environments = Object.keys(estate.file.projects[project]?.environments ?? {})
  // Only where somebody listens: nothing is said to it elsewhere.
  const listens = announcedOf(estate, project).announced === true
  if (listens) await ensureAnnouncer(client, project)
  await Promise.all([ensureRepository(client, project), ...environments.map((name) => ensureEnvironment(client, project, name))])
}

/** Without them nobody looks for drift unless somebody asks: no reason to deploy nothing. */
async function keepSchedules({ estate, log }: RunOptions, client: Client, project: string): Promise<void> {
  await keepDriftSchedules(client, project, estate.file.projects[project]?.environments ?? {}).catch((error: unknown) =>
    log.warn(
      { project, reason: error instanceof Error ? error.message : String(error) },
      'the schedules that look for drift could not be kept',
    ),
  )
}

function currentAttempt(): AttemptContext {
  const context = Context.current()
  return { signal: context.cancellationSignal, heartbeat: (details) => context.heartbeat(details) }
}

function plainMeta(meta: unknown): Record<string, unknown> {
  const { error, sdkComponent: _component, ...rest } = (meta ?? {}) as { error?: { message?: string }; sdkComponent?: unknown }
  return { ...rest, ...(error?.message === undefined ? {} : { error: error.message }) }
}
