import { connect as connectSocket, type Socket } from 'node:net'
import ssh2, { type Client, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2'
import type { HostEstate } from '../../config/estate-schema.ts'
import type { SecretSources } from '../../config/secrets.ts'
import { permanent, transient } from '../failure.ts'
import { hostKeyCheck, type HostKeyCheck } from './host-key.ts'
import { loginOf, type Login } from './login.ts'

/** What a connection needs of the worker: where secrets and files are looked up. */
export type SshDeps = SecretSources & {
  /** From the first packet to being logged in. Default 15 s. */
  readonly connectTimeoutMs?: number
}

/** One authenticated connection. Whoever opened it closes it; there is no connection between two activities. */
export type Connection = {
  readonly client: Client
  /** `user@address:port`, for messages. */
  readonly place: string
  readonly close: () => void
}

/**
 * Connects and logs in, once: the host's key is judged before anything is authenticated, the agent is never forwarded.
 * Fails with a permanent `Refused` for a host key that is not known or a login that the host refuses, a permanent
 * `InvalidConfiguration` for a key that cannot be read, and transiently when the host is away or silent.
 */
export async function connect(host: HostEstate, deps: SshDeps, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted()
  const [check, login] = await Promise.all([hostKeyCheck(host, deps.readFile), loginOf(host, deps)])
  const deadline = AbortSignal.timeout(deps.connectTimeoutMs ?? 15_000)
  const socket = await open(host, AbortSignal.any([signal, deadline]), signal)
  return authenticate({ host, socket, check, login, signal, deadline })
}

type Handshake = {
  readonly host: HostEstate
  readonly socket: Socket
  readonly check: HostKeyCheck
  readonly login: Login
  readonly signal: AbortSignal
  readonly deadline: AbortSignal
}

function authenticate({ host, socket, check, login, signal, deadline }: Handshake): Promise<Connection> {
  const client = new ssh2.Client()
  let refusal: string | null = null
  const config: ConnectConfig = {
    sock: socket,
    username: host.user,
    ...login.config,
    hostVerifier: (key: Buffer) => (refusal = check.refusal(key)) === null,
    algorithms: algorithmsFor(check.types),
    agentForward: false,
    keepaliveInterval: 5_000,
    keepaliveCountMax: 3,
    // The deadline covers it, together with the time that opening the socket took.
    readyTimeout: 0,
  }
  return new Promise((resolve, reject) => {
    const stop = (error: unknown) => {
      signal.removeEventListener('abort', cancelled)
      deadline.removeEventListener('abort', late)
      reject(error)
      client.destroy()
    }
    const cancelled = () => stop(signal.reason)
    const late = () => stop(transient(`the ssh host ${placeOf(host)} took the connection and did not finish the login in time`))
    signal.addEventListener('abort', cancelled, { once: true })
    deadline.addEventListener('abort', late, { once: true })
    if (signal.aborted) return cancelled()
    if (deadline.aborted) return late()
    // Stays attached for the connection's whole life: an error event without a listener would end the worker.
    client.on('error', (error) => stop(loginFailure(error, refusal, host, login)))
    client.once('close', () => stop(transient(`the ssh host ${placeOf(host)} closed the connection during the login`)))
    client.once('ready', () => {
      signal.removeEventListener('abort', cancelled)
      deadline.removeEventListener('abort', late)
      resolve({ client, place: `${host.user}@${placeOf(host)}`, close: () => client.end() })
    })
    client.connect(config)
  })
}

/** The socket is ours so that small packets leave at once: with Nagle's algorithm a login takes 150 ms instead of 40. */
function open(host: HostEstate, either: AbortSignal, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: host.address, port: host.port, noDelay: true })
    const settle = (finish: () => void) => {
      either.removeEventListener('abort', aborted)
      socket.removeListener('error', failed)
      finish()
    }
    const aborted = () =>
      settle(() => {
        socket.on('error', () => {})
        socket.destroy()
        reject(
          signal.aborted ? signal.reason : transient(`the ssh host ${placeOf(host)} does not answer: is it up, and is the way to it open?`),
        )
      })
    const failed = (error: Error) => settle(() => reject(unreachable(error, host)))
    either.addEventListener('abort', aborted, { once: true })
    socket.once('error', failed)
    socket.once('connect', () => settle(() => resolve(socket)))
  })
}

const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** The types that are known come first, or a host with several keys would show one that known_hosts does not list. */
function algorithmsFor(types: readonly string[]): NonNullable<ConnectConfig['algorithms']> {
  const isKnown = (algorithm: string) => types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return {
    serverHostKey: [...HOST_KEY_ALGORITHMS.filter(isKnown), ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm))],
    // What Node does in native code goes first: ssh2's own chacha20 is JavaScript.
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr', 'chacha20-poly1305@openssh.com'],
  }
}

function loginFailure(error: Error & { level?: string }, refusal: string | null, host: HostEstate, login: Login): Error {
  if (refusal !== null) return permanent('Refused', refusal)
  if (error.level === 'client-authentication') {
    return permanent(
      'Refused',
      `the ssh host ${placeOf(host)} refused ${login.says} for the user ${host.user}; add the public key to that user's authorized_keys there, or name another key in the estate`,
    )
  }
  if (error.level === 'agent') {
    return permanent(
      'InvalidConfiguration',
      `expected ${login.says}, which does not answer (${error.message}); start it and add the key with ssh-add`,
    )
  }
  if (error.level === 'handshake' && /no matching/i.test(error.message)) {
    return permanent(
      'Refused',
      `the ssh host ${placeOf(host)} and this client share no algorithm (${error.message}); it offers only outdated ones`,
    )
  }
  return transient(`the connection to the ssh host ${placeOf(host)} broke during the login (${error.message})`, error)
}

function unreachable(error: Error & { code?: string }, host: HostEstate): Error {
  const next = error.code && WORDS[error.code] ? WORDS[error.code] : `cannot be reached (${error.code ?? error.message})`
  return transient(`the ssh host ${placeOf(host)} ${next}`, error)
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections: is sshd up, and is the port right?',
  ENOTFOUND: 'has a name that nobody knows: is it spelt as DNS has it?',
  EAI_AGAIN: 'has a name that cannot be looked up now: DNS does not answer',
  ETIMEDOUT: 'does not answer: is it up, and is the way to it open?',
  EHOSTUNREACH: 'cannot be reached: no route to it',
  ENETUNREACH: 'cannot be reached: no route to its network',
  ECONNRESET: 'broke the connection off: it may have too many at once',
}

function placeOf(host: HostEstate): string {
  return `${host.address}:${host.port}`
}
