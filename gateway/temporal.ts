import { Client, Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { repositoryId } from '../workflows/ids.ts'
import { hintSignal } from '../workflows/messages.ts'

export type Temporal = {
  readonly client: Client
  readonly address: string
  readonly hint: (project: string) => Promise<void>
  readonly answers: () => Promise<boolean>
  readonly close: () => Promise<void>
}

const HINT_MS = 5_000
const ASKED_MS = 1_000

/** Connects as every Temporal tool does, and only when something is said: the gateway serves while Temporal is away. */
export function connectLazily(environment: Readonly<Record<string, string | undefined>>): Temporal {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({ overrideEnvVars })
  const connection = Connection.lazy({ ...connectionOptions, connectTimeout: HINT_MS })
  const client = new Client({ connection, namespace })
  return {
    client,
    address: connectionOptions.address ?? 'localhost:7233',
    hint: async (project) => {
      const repository = client.workflow.getHandle(repositoryId(project))
      await connection.withDeadline(Date.now() + HINT_MS, () => repository.signal(hintSignal)).catch(explain)
    },
    answers: () =>
      connection
        .withDeadline(Date.now() + ASKED_MS, () => connection.workflowService.describeNamespace({ namespace }))
        .then(
          () => true,
          () => false,
        ),
    close: () => connection.close(),
  }
}

/** The client says that signalling failed; why, only the cause says. */
function explain(error: unknown): never {
  throw error instanceof Error && error.cause instanceof Error ? error.cause : error
}
