import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { NativeConnection } from '@temporalio/worker'
import type { Log } from './log.ts'

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
  for (let pauseMs = 500; ; pauseMs = Math.min(10_000, pauseMs * 2)) {
    try {
      const [native, connection] = await Promise.all([NativeConnection.connect(connectionOptions), Connection.connect(connectionOptions)])
      const client = new Client({ connection, namespace, dataConverter })
      return { native, connection, client, namespace, close: async () => void (await Promise.all([native.close(), connection.close()])) }
    } catch (error) {
      if (signal.aborted) return null
      log.warn(
        { address: connectionOptions.address, reason: error instanceof Error ? error.message : String(error), retryInMs: pauseMs },
        'Temporal does not answer; trying again',
      )
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return null
    }
  }
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
