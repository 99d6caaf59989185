import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectEstate, SecretReference } from '../../config/estate-schema.ts'
import { resolveSecret } from '../../config/secrets.ts'
import type { ActivityDeps } from '../context.ts'
import { permanent } from '../failure.ts'
import { configVariables, gitEnvironment } from './environment.ts'
import { readIfThere, writeWhole } from './files.ts'
import { pinHostKey } from './host-key.ts'
import type { GitPaths } from './paths.ts'
import { allowedProtocols, parseRemoteUrl, type RemoteUrl } from './remote-url.ts'
import { sshCommand } from './ssh-command.ts'

/** How to reach a project's repository: its URL, and the environment with which git gets in. */
export type Remote = {
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
  /** Values that must never be repeated, for a remote could say them back. */
  readonly secrets: readonly string[]
}

type Repository = ProjectEstate['repository']
type Worker = Pick<ActivityDeps, 'environment'>
type Access = { readonly variables: Readonly<Record<string, string>>; readonly secrets: readonly string[] }

/** Resolves the login's secrets and pins the host's key. Nothing is kept: a changed secret counts from the next call on. */
export async function openRemote(repository: Repository, paths: GitPaths, worker: Worker, signal: AbortSignal): Promise<Remote> {
  const url = parseRemoteUrl(repository.url)
  const base = gitEnvironment({ worker: worker.environment, home: paths.root, config: paths.config, protocols: allowedProtocols(url) })
  const { variables, secrets } = await access(url, repository, paths, base, worker, signal)
  return { url: repository.url, environment: { ...base, ...variables }, secrets }
}

/** Takes the secrets out of what a remote said. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

async function access(
  url: RemoteUrl,
  repository: Repository,
  paths: GitPaths,
  base: Record<string, string>,
  worker: Worker,
  signal: AbortSignal,
): Promise<Access> {
  if (url.kind === 'local') return { variables: {}, secrets: [] }
  if (url.kind !== 'ssh') return byPassword(url.origin, repository.login, worker)
  const known = repository.hostKey
  if (known === undefined) return bySsh(null, repository.login, paths, worker)
  if ('knownHosts' in known) return bySsh(known.knownHosts, repository.login, paths, worker)
  const { host, port } = url
  const places = { folder: paths.hostKeys, cwd: paths.root, environment: base }
  const knownHosts = await pinHostKey({ host, port, fingerprint: known.fingerprint }, places, signal)
  return bySsh(knownHosts, repository.login, paths, worker)
}

/** Reads the child's environment when git asks; printf is the shell's own, so that nothing becomes an argument. */
const HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$SLIPWAY_GIT_USERNAME" "$SLIPWAY_GIT_PASSWORD"; }; f`

async function byPassword(origin: string, login: Repository['login'], worker: Worker): Promise<Access> {
  if (login === undefined) return { variables: {}, secrets: [] }
  if (!('username' in login)) throw wrongLogin('an http address', '{ username, password }')
  const username = await oneLine(login.username, worker)
  const password = await oneLine(login.password, worker)
  return {
    variables: {
      SLIPWAY_GIT_USERNAME: username,
      SLIPWAY_GIT_PASSWORD: password,
      // For this origin alone: a redirect to another host gets no password.
      ...configVariables([[`credential.${origin}.helper`, HELPER]]),
    },
    secrets: [password],
  }
}

async function bySsh(knownHosts: string | null, login: Repository['login'], paths: GitPaths, worker: Worker): Promise<Access> {
  const agent = worker.environment['SSH_AUTH_SOCK']
  const withAgent: Record<string, string> = agent === undefined ? {} : { SSH_AUTH_SOCK: agent }
  const variables = (command: Parameters<typeof sshCommand>[0]) => ({ GIT_SSH_COMMAND: sshCommand(command), GIT_SSH_VARIANT: 'ssh' })
  if (login === undefined) return { variables: { ...variables({ login: 'user', knownHosts }), ...withAgent }, secrets: [] }
  if ('username' in login) throw wrongLogin('an ssh address', '{ keyFile } or { agent: true }')
  if ('agent' in login) {
    if (agent === undefined) {
      throw permanent(
        'InvalidConfiguration',
        'The repository is reached by the ssh agent, and SSH_AUTH_SOCK is not set for the worker. Start the worker with an agent, or name a keyFile in the estate.',
      )
    }
    return { variables: { ...variables({ login: 'agent', knownHosts }), ...withAgent }, secrets: [] }
  }
  const { keyFile, passphrase } = login
  if (passphrase === undefined) return { variables: variables({ login: { keyFile, passphrase: false }, knownHosts }), secrets: [] }
  const value = await oneLine(passphrase, worker)
  const asked = { SSH_ASKPASS: await askPass(paths), SSH_ASKPASS_REQUIRE: 'force', SLIPWAY_SSH_PASSPHRASE: value }
  return { variables: { ...variables({ login: { keyFile, passphrase: true }, knownHosts }), ...asked }, secrets: [value] }
}

const ASK_PASS = `#!/bin/sh\nprintf '%s\\n' "$SLIPWAY_SSH_PASSPHRASE"\n`

/** The program that ssh runs for the passphrase: it answers from its environment. */
async function askPass(paths: GitPaths): Promise<string> {
  const path = join(paths.root, 'ask-pass')
  if ((await readIfThere(path)) !== ASK_PASS) await writeWhole(path, ASK_PASS, 0o700)
  await chmod(path, 0o700)
  return path
}

async function oneLine(reference: SecretReference, worker: Worker): Promise<string> {
  const secret = await resolveSecret(reference, { env: worker.environment, readFile: (path) => readFile(path, 'utf8') })
  if (!secret.ok) throw permanent('InvalidConfiguration', `The repository's login: ${secret.problem}.`)
  // oxlint-disable-next-line no-control-regex
  if (/[\0\r\n]/.test(secret.value)) {
    const where = 'env' in reference ? `the environment variable ${reference.env}` : `the file ${reference.file}`
    throw permanent('InvalidConfiguration', `The repository's login: expected one line in ${where}, found several.`)
  }
  return secret.value
}

function wrongLogin(found: string, expected: string) {
  return permanent('InvalidConfiguration', `The repository has ${found}: its login in the estate should be ${expected}.`)
}
