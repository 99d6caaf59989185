import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, type ConnectionOptions } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { ensureSearchAttributes } from '../../worker/search-attributes.ts'
import type { LabEnv } from '../env.ts'

/**
 * The namespace that the sample lives in, and it alone: a worker takes whatever its queues hold, so two workers with two
 * estates in one namespace would take each other's work. On somebody's own server its name says whose it is.
 */
export function namespaceOf(env: LabEnv, project: string): string {
  return env.temporal.own ? project : `slipway-demo-${project}-${env.id}`
}

/** Makes the namespace where it is missing, and ends and deletes what earlier samples of that name left in it. */
export async function clearNamespace(env: LabEnv, project: string): Promise<void> {
  const namespace = namespaceOf(env, project)
  const connection = await Connection.connect(connectionOptions(env))
  try {
    const client = new Client({ connection, namespace })
    await ensureNamespace(env, client, namespace)
    await ensureSearchAttributes(connection, namespace)
    await forget(client, project)
  } finally {
    await connection.close()
  }
}

function connectionOptions(env: LabEnv): ConnectionOptions {
  return env.temporal.own ? { address: env.temporal.address } : loadClientConnectConfig().connectionOptions
}

const RETENTION_SECONDS = 7 * 24 * 60 * 60
const GRPC_NOT_FOUND = 5
const GRPC_ALREADY_EXISTS = 6
const MARK = 'slipway-lab'

/** What happens there is ended and deleted: on a server that is not the lab's, only where the lab's mark says that it made it. */
async function ensureNamespace(env: LabEnv, { connection, workflowService }: Client, namespace: string): Promise<void> {
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace })
    if (env.temporal.own || namespaceInfo?.data?.[MARK] === env.id) return
    throw new Error(
      `${env.temporal.address} has a namespace ${namespace} that this lab did not make; it is left alone. Give the sample another name: npm run demo -- --project NAME`,
    )
  } catch (error) {
    if (codeOf(error) !== GRPC_NOT_FOUND) throw error
  }
  try {
    await workflowService.registerNamespace({
      namespace,
      description: "The demo's sample project",
      data: { [MARK]: env.id },
      workflowExecutionRetentionPeriod: { seconds: { low: RETENTION_SECONDS, high: 0, unsigned: false } as never },
    })
  } catch (error) {
    if (codeOf(error) !== GRPC_ALREADY_EXISTS) throw notRegistered(env, namespace, error)
  }
  await untilKnown(() => workflowService.listWorkflowExecutions({ namespace, pageSize: 1 }))
}

function notRegistered(env: LabEnv, namespace: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(
    `the demo needs a namespace of its own, and ${env.temporal.address} does not let it make ${namespace}: ${reason}. Without TEMPORAL_ADDRESS the lab starts a server of its own.`,
    { cause },
  )
}

/** The server's parts learn of a new namespace one after another. */
async function untilKnown(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      if (codeOf(error) !== GRPC_NOT_FOUND || Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}

/** Ended first: a workflow that is only being deleted would still be found running under its id. */
async function forget(client: Client, project: string): Promise<void> {
  const query = `WorkflowId STARTS_WITH "slipway/${project}/"`
  const found = await Array.fromAsync(client.workflow.list({ query }))
  await inTens(found, async ({ workflowId, runId, status }) => {
    if (status.name === 'RUNNING') await quietly(() => client.workflow.getHandle(workflowId, runId).terminate('a new demo begins'))
    const workflowExecution = { workflowId, runId }
    await quietly(() => client.workflowService.deleteWorkflowExecution({ namespace: client.options.namespace, workflowExecution }))
  })
}

async function inTens<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += 10) await Promise.all(items.slice(from, from + 10).map(work))
}

/** What is gone already is what was wanted. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (codeOf(error) !== GRPC_NOT_FOUND && (error as Error).name !== 'WorkflowNotFoundError') throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
