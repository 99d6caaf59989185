import { readFile } from 'node:fs/promises'
import type { Client, Connection } from '@temporalio/client'
import { createCodec } from '../config/codec/codec.ts'
import { readCodecKeys, type CodecKey } from '../config/codec/keys.ts'
import { neutral } from './view/neutral.ts'
import { unreachable, usage } from './exit.ts'
import { defined, type Io } from './io.ts'

/** A person waits no longer than this to learn that Temporal is away. */
const CONNECT_MS = 2000

export type Connected = { readonly client: Client; readonly connection: Connection; readonly address: string; readonly namespace: string }

/**
 * Connects the way every Temporal tool does: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TLS, API key, profiles. Fails within
 * five seconds with exit 5.
 */
export async function connect(env: Io['env'], timeoutMs = CONNECT_MS): Promise<Connected> {
  const [{ Client, Connection }, { loadClientConnectConfig }] = await Promise.all([
    import('@temporalio/client'),
    import('@temporalio/envconfig'),
  ])
  const config = read(() => loadClientConnectConfig({ overrideEnvVars: defined(env) }))
  const dataConverter = { payloadCodecs: [createCodec(await codecKeys(env))] }
  const address = config.connectionOptions.address ?? 'localhost:7233'
  const namespace = config.namespace ?? 'default'
  try {
    const connection = await Connection.connect({ ...config.connectionOptions, connectTimeout: timeoutMs })
    return { client: new Client({ connection, namespace, dataConverter }), connection, address, namespace }
  } catch (error) {
    throw cannotReach(address, error)
  }
}

function read<T>(load: () => T): T {
  try {
    return load()
  } catch (error) {
    throw usage(`Temporal's own configuration cannot be used: ${neutral(error instanceof Error ? error.message : String(error))}`)
  }
}

async function codecKeys(env: Io['env']): Promise<readonly CodecKey[]> {
  const keys = await readCodecKeys({ env, readFile: (path) => readFile(path, 'utf8') })
  if (!keys.ok) throw usage(keys.problem)
  return keys.value
}

function cannotReach(address: string, error: unknown) {
  const said = neutral(deepest(error)).slice(0, 200)
  const how = 'set TEMPORAL_ADDRESS or TEMPORAL_PROFILE to where it runs, or start one here'
  return unreachable(`cannot reach Temporal at ${neutral(address)} (${said}); ${how}`, ['slipway dev'], error)
}

function deepest(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && (current.code === 4 || current.code === 14)) return 'nobody answers'
    if (current.cause === undefined) {
      return /deadline|connect before/i.test(current.message) ? 'nobody answers' : current.message
    }
  }
  return 'nobody answers'
}
