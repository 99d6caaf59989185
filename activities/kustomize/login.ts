import type { RequestOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig, User } from '@kubernetes/client-node'
import { permanent, transient } from '../failure.ts'
import { invalidKubeconfig } from './kubeconfig.ts'

/** A credential plugin may ask a cloud that is slow; one that asks a person waits for ever. */
const TIMEOUT_MS = 60_000

/** What a request needs to be let in, as of now: the library asks a credential plugin again when its answer has expired. */
export async function logIn(config: KubeConfig, kubeconfig: string, signal: AbortSignal): Promise<RequestOptions> {
  const options: RequestOptions = {}
  const done = new AbortController()
  const late = sleep(TIMEOUT_MS, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(() => {
    throw new Error(`it was not done after ${TIMEOUT_MS / 1000} s`)
  })
  try {
    await Promise.race([config.applyToHTTPSOptions(options), late])
    return options
  } catch (error) {
    signal.throwIfAborted()
    throw loginFailure(kubeconfig, config.getCurrentUser(), error as NodeJS.ErrnoException)
  } finally {
    done.abort()
  }
}

function loginFailure(kubeconfig: string, user: User | null, error: NodeJS.ErrnoException): Error {
  const { code, syscall, path } = error
  if (syscall === 'open') return invalidKubeconfig(kubeconfig, `names the file ${path}, which cannot be read (${code})`)
  const command = user?.exec?.command as string | undefined
  if (command && syscall?.startsWith('spawn')) {
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
