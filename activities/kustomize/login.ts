import type { OutgoingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig, User } from '@kubernetes/client-node'
import { ApplicationFailure } from '@temporalio/common'
import { permanent, transient } from '../failure.ts'
import { runPluginUntil, type Environment } from './exec-plugin.ts'
import { invalidKubeconfig, pluginOf } from './kubeconfig.ts'

type Credentials = {
  readonly config: KubeConfig
  /** The path of the file, for messages. */
  readonly kubeconfig: string
  /** What a credential plugin gets, besides what the kubeconfig gives it. */
  readonly environment: Environment
}

/** A credential plugin may ask a cloud that is slow; one that asks a person waits for ever. */
const TIMEOUT_MS = 60_000

/**
 * What a request needs to be let in, as of now: the library asks a credential plugin again when its answer has expired.
 * The plugin does not outlive this: not the signal, nor the deadline.
 */
export async function logIn(credentials: Credentials, signal: AbortSignal, timeoutMs = TIMEOUT_MS): Promise<RequestOptions> {
  const { config, kubeconfig, environment } = credentials
  signal.throwIfAborted()
  const user = config.getCurrentUser()
  const plugin = pluginOf(user)
  const options: RequestOptions = {}
  const done = new AbortController()
  if (plugin) runPluginUntil(config, plugin, environment, done.signal)
  const late = sleep(timeoutMs, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(() => {
    throw new Error(`it was not done after ${timeoutMs / 1000} s`)
  })
  try {
    // The library starts the plugin before it first waits, so each of several logins at a time has its own signal.
    await Promise.race([config.applyToHTTPSOptions(options), late])
    if (plugin && !holdsCredential(options)) throw new TypeError('no credential')
    return options
  } catch (error) {
    signal.throwIfAborted()
    throw loginFailure(kubeconfig, user, error as NodeJS.ErrnoException)
  } finally {
    done.abort()
  }
}

/** Either a token that can stand in a header or a certificate. */
function holdsCredential({ headers, cert }: RequestOptions): boolean {
  const authorization = (headers as OutgoingHttpHeaders | undefined)?.['Authorization']
  return authorization === undefined ? cert !== undefined : /^Bearer [\x21-\x7e]+$/.test(String(authorization))
}

/** The machine lacks something just now. */
const FOR_NOW = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY'])

function loginFailure(kubeconfig: string, user: User | null, error: NodeJS.ErrnoException): Error {
  if (error instanceof ApplicationFailure) return error
  const { code = '', syscall, path } = error
  if (syscall === 'open') return invalidKubeconfig(kubeconfig, `names the file ${path}, which cannot be read (${code})`)
  const command = pluginOf(user)?.command
  if (command && syscall?.startsWith('spawn')) {
    if (FOR_NOW.has(code)) return transient(`The kubeconfig's credential plugin ${command} cannot be started now (${code}).`)
    const why = code === 'ENOENT' ? 'is not installed where this worker runs' : `cannot be run (${code})`
    return permanent('InvalidConfiguration', `The kubeconfig logs in with ${command}, which ${why}.`)
  }
  const misread = error instanceof SyntaxError || error instanceof TypeError
  // Not with the error's own words: they quote what was printed, and that may be a token.
  if (command && misread && !code) {
    return permanent('Refused', `The credential plugin ${command} did not print an ExecCredential with a status.`)
  }
  const words = error.message.trim().split('\n').at(-1)?.slice(0, 300) || 'it said nothing'
  if (command && !misread) return transient(`The kubeconfig's credential plugin ${command} failed: ${words}`)
  if (user?.authProvider && !misread) return transient(`The kubeconfig's auth-provider ${user.authProvider.name} failed: ${words}`)
  return invalidKubeconfig(kubeconfig, `cannot be used (${words})`)
}
