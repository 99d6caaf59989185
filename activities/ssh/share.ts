import type { HostEstate } from '../../config/estate-schema.ts'
import { connect, type Connection, type SshDeps } from './connect.ts'

/** The one connection of an activity to its host: opened when something first needs it, used by all that do. */
export type SharedConnection = {
  readonly address: string
  /** Does something over the connection, as soon as it has room. Fails as `connect` does where there is none. */
  readonly use: <T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>) => Promise<T>
}

/** sshd gives a connection ten sessions at once where its MaxSessions says nothing else; who wants more waits. */
const AT_ONCE = 8

export async function withSharedConnection<T>(host: HostEstate, deps: SshDeps, work: (shared: SharedConnection) => Promise<T>): Promise<T> {
  let opened: Promise<Connection> | null = null
  const room = createRoom(AT_ONCE)
  const use: SharedConnection['use'] = async (signal, each) =>
    await room(async () => {
      signal.throwIfAborted()
      return await each(await (opened ??= connect(host, deps, signal)))
    })
  try {
    return await work({ address: host.address, use })
  } finally {
    await closed(opened)
  }
}

async function closed(opened: Promise<Connection> | null): Promise<void> {
  await opened?.then(
    (connection) => connection.close(),
    () => {},
  )
}

/** Lets so many in at once, in the order of their coming. */
function createRoom(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = places
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
