import { Client, Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { createCodec } from '../config/codec/codec.ts'
import { readCodecKeys } from '../config/codec/keys.ts'
import type { SecretSources } from '../config/secrets.ts'
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

/**
 * Connects as every Temporal tool does, and only when something is said: the gateway serves while Temporal is away. What
 * workflows answer may be encrypted: with the keys of the codec it is read, without them their waits are missing.
 */
export async function connectLazily(sources: SecretSources): Promise<Temporal> {
  const keys = await readCodecKeys(sources)
  if (!keys.ok) throw new Error(keys.problem)
  const overrideEnvVars = Object.fromEntries(
    Object.entries(sources.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({ overrideEnvVars })
  const connection = Connection.lazy({ ...connectionOptions, connectTimeout: HINT_MS })
  const client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [createCodec(keys.value)] } })
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
