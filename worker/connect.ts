import { Client, Connection } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { NativeConnection } from '@temporalio/worker'
import type { Log } from './log.ts'
import { whileAway } from './while-away.ts'

export type Temporal = {
  readonly native: NativeConnection
  readonly connection: Connection
  readonly client: Client
  readonly namespace: string
  readonly close: () => Promise<void>
}

/** Connects as every Temporal tool does (TEMPORAL_ADDRESS, profiles, TLS, API key), and waits while the server is away. */
export async function connectTemporal(log: Log, dataConverter: DataConverter, signal: AbortSignal): Promise<Temporal | null> {
  const { connectionOptions, namespace = 'default' } = readConnection()
  const what = `Temporal does not answer at ${connectionOptions.address}`
  return whileAway({ log, signal, what, passes: () => true }, async () => {
    const [native, connection] = await Promise.all([NativeConnection.connect(connectionOptions), Connection.connect(connectionOptions)])
    const client = new Client({ connection, namespace, dataConverter })
    return { native, connection, client, namespace, close: async () => void (await Promise.all([native.close(), connection.close()])) }
  })
}

function readConnection(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`the connection to Temporal cannot be read from TEMPORAL_CONFIG_FILE and the TEMPORAL_ variables: ${reason}`, {
      cause: error,
    })
  }
}
