import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node'
import { parse } from 'yaml'
import type { ClusterEstate } from '../../config/estate-schema.ts'
import { permanent } from '../failure.ts'

/** A kubeconfig with its context chosen, and the cluster which that names. */
export type LoadedKubeconfig = { readonly config: KubeConfig; readonly cluster: Cluster; readonly server: URL }

/** A command that prints a credential; the library leaves it as the file has it. */
export type CredentialPlugin = {
  apiVersion?: string
  command?: string
  env?: readonly { readonly name: string; readonly value: string }[]
}

/** Costs a second and 85 MB the first time: for nobody but a kustomize target, and only once it has something to do. */
export const importKubernetesClient = async () => await import('@kubernetes/client-node')

export async function loadKubeconfig({ kubeconfig, context }: ClusterEstate): Promise<LoadedKubeconfig> {
  const invalid = (problem: string) => invalidKubeconfig(kubeconfig, problem)
  const folder = dirname(resolve(kubeconfig))
  const { KubeConfig } = await importKubernetesClient()
  const file = parsed(await readText(kubeconfig, 'cannot be read', invalid), invalid)
  const config = new KubeConfig()
  const unusable = (error: unknown) => invalid(`cannot be used (${(error as Error).message})`)
  try {
    config.loadFromString(JSON.stringify(file))
    config.makePathsAbsolute(folder)
  } catch (error) {
    throw unusable(error)
  }
  const name = context ?? config.getCurrentContext()
  if (!name) throw invalid('has no current context: name one in the estate (clusters.<name>.context)')
  config.setCurrentContext(name)
  const chosen = config.getContextObject(name)
  const names = config.getContexts().map((each) => each.name)
  if (!chosen) throw invalid(`has no context ${JSON.stringify(name)}; it has ${names.join(', ') || 'none'}`)
  const cluster = config.getCurrentCluster()
  if (!cluster) throw invalid(`has no cluster ${JSON.stringify(chosen.cluster)}, which context ${name} names`)
  const server = serverUrl(cluster, invalid)
  await fillGaps(config, file, folder, invalid).catch((error: unknown) => {
    throw error instanceof TypeError ? unusable(error) : error
  })
  return { config, cluster, server }
}

export function invalidKubeconfig(kubeconfig: string, problem: string): Error {
  return permanent('InvalidConfiguration', `The kubeconfig ${kubeconfig} ${problem}.`)
}

/** Where kubectl looks for it, or where the library does also. */
export function pluginOf(user: User | null): CredentialPlugin | null {
  return (user?.exec ?? user?.authProvider?.config?.exec ?? null) as CredentialPlugin | null
}

type KubeconfigFile = { readonly users?: readonly { readonly name?: string; readonly user?: { readonly tokenFile?: string } }[] }
type Invalid = (problem: string) => Error

/** Parsed here, for the library's words on a mistake quote the lines around it, and those hold secrets. */
function parsed(text: string, invalid: Invalid): KubeconfigFile {
  let file: unknown
  try {
    file = parse(text)
  } catch {
    throw invalid('is not YAML')
  }
  if (typeof file !== 'object' || file === null) throw invalid('is not a kubeconfig: it holds no clusters, users and contexts')
  return file
}

function serverUrl({ server, skipTLSVerify }: Cluster, invalid: Invalid): URL {
  const url = URL.parse(server)
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid(`has no http(s) address in clusters[].cluster.server, but ${JSON.stringify(server)}`)
  if (url.protocol === 'http:' && !skipTLSVerify)
    throw invalid(`sends credentials in the open to ${server}: use https, or say so with insecure-skip-tls-verify: true`)
  return url
}

/** What kubectl reads of a user and the library (2.0.1) does not: `tokenFile`, and how a credential plugin is called. */
async function fillGaps(config: KubeConfig, file: KubeconfigFile, folder: string, invalid: Invalid): Promise<void> {
  const user = config.getCurrentUser()
  const tokenFile = file.users?.find((each) => each.name === user?.name)?.user?.tokenFile
  if (user && tokenFile) {
    const token = await readText(resolve(folder, tokenFile), `names the file ${tokenFile}, which cannot be read`, invalid)
    Object.assign(user, { token: token.trim() })
  }
  const exec = pluginOf(user)
  if (!exec) return
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
  exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }]
  // A command with a slash is relative to the kubeconfig, one without is looked up on the PATH.
  if (exec.command?.includes('/')) exec.command = resolve(folder, exec.command)
}

async function readText(path: string, problem: string, invalid: Invalid): Promise<string> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalid(`${problem} (${error.code ?? error.message})`)
  })
}
