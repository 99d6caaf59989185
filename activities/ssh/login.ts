import ssh2, { type ConnectConfig } from 'ssh2'
import type { HostEstate } from '../../config/estate-schema.ts'
import { resolveSecret, type SecretSources } from '../../config/secrets.ts'
import { permanent } from '../failure.ts'
import { fingerprintOf } from './public-key.ts'

/** How to log in, for ssh2, and in words for the message when the host refuses it. */
export type Login = {
  readonly config: Pick<ConnectConfig, 'agent' | 'authHandler'>
  readonly says: string
}

/** Reads the key, or finds the agent, before anything is sent. What is missing is a permanent `InvalidConfiguration`. */
export async function loginOf(host: HostEstate, sources: SecretSources): Promise<Login> {
  if ('agent' in host.login) return agentLogin(sources)
  const { keyFile, passphrase } = host.login
  const text = await readKey(keyFile, sources)
  const secret = passphrase ? await resolveSecret(passphrase, sources) : null
  if (secret?.ok === false) throw permanent('InvalidConfiguration', secret.problem)
  const key = ssh2.utils.parseKey(text, secret?.value)
  if (key instanceof Error) throw permanent('InvalidConfiguration', keyProblem(keyFile, key, secret !== null))
  if (!key.isPrivateKey()) {
    throw permanent('InvalidConfiguration', `expected a private key in ${keyFile}, found a public one; name the file without ".pub"`)
  }
  return {
    config: { authHandler: [publicKeyMethod(host.user, text, secret?.value)] },
    says: `the key ${fingerprintOf(key.getPublicSSH())} of ${keyFile}`,
  }
}

/** ssh2's own default asks for "none" first, which is a round trip for nothing. */
function publicKeyMethod(username: string, key: string, passphrase: string | undefined) {
  return { type: 'publickey' as const, username, key, ...(passphrase === undefined ? {} : { passphrase }) }
}

function agentLogin({ env }: SecretSources): Login {
  const socket = env['SSH_AUTH_SOCK']
  if (!socket) {
    throw permanent(
      'InvalidConfiguration',
      'expected an ssh agent at SSH_AUTH_SOCK, which is not set in the environment of the worker; start the worker with it, or give the host a keyFile',
    )
  }
  return { config: { agent: socket, authHandler: ['agent'] }, says: `the keys of the ssh agent at ${socket}` }
}

async function readKey(path: string, { readFile }: SecretSources): Promise<string> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw permanent('InvalidConfiguration', `expected a private ssh key in ${path}, which cannot be read (${code})`)
  }
}

function keyProblem(path: string, error: Error, hasPassphrase: boolean): string {
  if (/no passphrase given/i.test(error.message)) {
    return `the private ssh key ${path} has a passphrase, and the estate names none; add login.passphrase with { env } or { file }`
  }
  return hasPassphrase && /integrity|bad passphrase|decrypt/i.test(error.message)
    ? `the passphrase does not open the private ssh key ${path}`
    : `expected a private ssh key in ${path}, found something else (${error.message})`
}
