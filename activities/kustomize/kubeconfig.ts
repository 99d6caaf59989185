import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import type { ClusterEstate } from '../../config/estate-schema.ts'
import { permanent } from '../failure.ts'

/** How an `exec` user of a kubeconfig gets its credentials: the operator's own command. */
export type ExecPlugin = {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** One context of a kubeconfig, its files read. */
export type ClusterAccess = {
  readonly server: URL
  readonly ca: Buffer | null
  readonly insecure: boolean
  readonly serverName: string | null
  readonly proxy: string | null
  readonly clientCertificate: { readonly cert: Buffer; readonly key: Buffer } | null
  readonly authorization: string | null
  readonly impersonate: string | null
  readonly exec: ExecPlugin | null
}

/**
 * Reads what one context says. Slipway reads kubeconfigs itself because loading @kubernetes/client-node costs every
 * worker 90 MB and 0.7 s for this one file; `auth-provider`, which kubectl dropped in 1.26, is refused by name.
 */
export async function readKubeconfig({ kubeconfig, context }: ClusterEstate): Promise<ClusterAccess> {
  const invalid = (problem: string) => permanent('InvalidConfiguration', `The kubeconfig ${kubeconfig} ${problem}.`)
  const folder = dirname(resolve(kubeconfig))
  const file = await parsed(kubeconfig, invalid)
  const name = context ?? text(file['current-context'])
  if (!name) throw invalid('has no current context: name one in the estate (clusters.<name>.context)')
  const chosen = named(file['contexts'], name, 'context')
  if (!chosen) throw invalid(`has no context ${JSON.stringify(name)}; it has ${names(file['contexts'])}`)
  const cluster = named(file['clusters'], text(chosen['cluster']), 'cluster')
  if (!cluster) throw invalid(`has no cluster ${JSON.stringify(text(chosen['cluster']))}, which context ${name} names`)
  const user = named(file['users'], text(chosen['user']), 'user') ?? {}
  if (user['auth-provider']) throw invalid(`logs in by auth-provider, which kubectl no longer knows: use an exec plugin or a token`)
  const bytes = (from: Fields, key: string) => bytesOf(from, key, folder, invalid)
  const cert = await bytes(user, 'client-certificate')
  const key = await bytes(user, 'client-key')
  return {
    server: serverUrl(text(cluster['server']), invalid),
    ca: await bytes(cluster, 'certificate-authority'),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    serverName: text(cluster['tls-server-name']) || null,
    proxy: text(cluster['proxy-url']) || null,
    clientCertificate: cert && key ? { cert, key } : null,
    authorization: await authorizationOf(user, folder, invalid),
    impersonate: text(user['as']) || null,
    exec: execOf(user['exec'], folder),
  }
}

type Fields = Record<string, unknown>
type Invalid = (problem: string) => Error

async function parsed(path: string, invalid: Invalid): Promise<Fields> {
  const source = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalid(`cannot be read (${error.code ?? error.message})`)
  })
  try {
    return fields(parse(source))
  } catch {
    throw invalid('is not YAML')
  }
}

function serverUrl(address: string, invalid: Invalid): URL {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid(`has no http(s) address in clusters[].cluster.server, but ${JSON.stringify(address)}`)
  return url
}

async function authorizationOf(user: Fields, folder: string, invalid: Invalid): Promise<string | null> {
  const tokenFile = text(user['tokenFile'])
  const token = tokenFile ? (await readBeside(tokenFile, folder, invalid)).toString('utf8').trim() : text(user['token'])
  if (token) return `Bearer ${token}`
  const username = text(user['username'])
  return username ? `Basic ${Buffer.from(`${username}:${text(user['password'])}`).toString('base64')}` : null
}

function execOf(value: unknown, folder: string): ExecPlugin | null {
  if (!value) return null
  const exec = fields(value)
  const command = text(exec['command'])
  const env = list(exec['env']).map((entry) => [text(fields(entry)['name']), text(fields(entry)['value'])] as const)
  return {
    apiVersion: text(exec['apiVersion']) || 'client.authentication.k8s.io/v1',
    // As kubectl has it: a command with a slash is relative to the kubeconfig, one without is looked up on the PATH.
    command: command.includes('/') ? resolve(folder, command) : command,
    args: list(exec['args']).map(text),
    env: Object.fromEntries(env),
  }
}

/** `<key>-data` in base64, or the file that `<key>` names, relative to the kubeconfig. */
async function bytesOf(from: Fields, key: string, folder: string, invalid: Invalid): Promise<Buffer | null> {
  const data = text(from[`${key}-data`])
  if (data) return Buffer.from(data, 'base64')
  const file = text(from[key])
  return file ? await readBeside(file, folder, invalid) : null
}

async function readBeside(file: string, folder: string, invalid: Invalid): Promise<Buffer> {
  return await readFile(resolve(folder, file)).catch((error: NodeJS.ErrnoException) => {
    throw invalid(`names the file ${file}, which cannot be read (${error.code ?? error.message})`)
  })
}

function named(entries: unknown, name: string, kind: string): Fields | null {
  const found = list(entries).find((entry) => fields(entry)['name'] === name)
  return found === undefined ? null : fields(fields(found)[kind])
}

function names(entries: unknown): string {
  return (
    list(entries)
      .map((entry) => text(fields(entry)['name']))
      .join(', ') || 'none'
  )
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
