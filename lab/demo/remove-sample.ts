import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEnv } from '../env.ts'
import { run } from '../machine/run.ts'
import { composeProjectOf, namespaceLabel, repositoriesOf } from '../sample.ts'
import { clearNamespace } from './namespace.ts'
import { endWorker } from './worker.ts'

/** Takes away all that a sample left outside its own folder, in whatever state it is: no workflow, deployment or image of it stays. */
export async function removeSample(env: LabEnv, project: string): Promise<void> {
  await endWorker(env.folder, project)
  await Promise.all([clearNamespace(env, project), removeTraces(env, project)])
}

/** What a sample left on the targets and in the registry. */
export async function removeTraces(env: LabEnv, project: string): Promise<void> {
  await Promise.all([removeDeployments(env, project), removeImages(env, repositoriesOf(project))])
}

/** Takes a sample off the estate: its containers, its folder on the ssh host, its namespaces on the cluster. Does not wait for the latter. */
export async function removeDeployments(env: LabEnv, project: string): Promise<void> {
  await removeNamespaces(env, project)
  await Promise.all([removeContainers(env, project), rm(join(env.ssh.home, project), { recursive: true, force: true })])
}

/** A cluster takes its time to empty a namespace, and meanwhile nothing can be put there. */
export async function untilNamespacesAreGone(env: LabEnv, project: string): Promise<void> {
  await run([...kubectlOf(env), 'wait', '--for=delete', ...namespacesOf(project).map((name) => `namespace/${name}`), '--timeout=60s'])
}

/** Takes away the names of the sample's images, so that the next one is built and not found. */
async function removeImages(env: LabEnv, repositories: readonly string[]): Promise<void> {
  await Promise.all(repositories.map((repository) => removeRepository(env, repository)))
}

async function removeContainers(env: LabEnv, project: string): Promise<void> {
  const docker = (...args: string[]) => run([join(env.path, 'docker'), ...args], { env: { DOCKER_HOST: env.engine.dockerHost } })
  const label = `label=com.docker.compose.project=${composeProjectOf(env, project)}`
  const containers = lines(await docker('ps', '--all', '--quiet', '--filter', label))
  if (containers.length > 0) await docker('rm', '--force', ...containers)
  const networks = lines(await docker('network', 'ls', '--quiet', '--filter', label))
  if (networks.length > 0) await docker('network', 'rm', ...networks)
}

type Listed = { readonly items: readonly { readonly metadata: { readonly name: string; readonly labels?: Record<string, string> } }[] }

/** A namespace of that name which the lab did not make is somebody's own: it is left alone, and no sample goes there. */
async function removeNamespaces(env: LabEnv, project: string): Promise<void> {
  const text = await run([...kubectlOf(env), 'get', 'namespaces', ...namespacesOf(project), '--ignore-not-found', '--output', 'json'])
  const found = text.trim() === '' ? [] : itemsOf(JSON.parse(text) as Listed | Listed['items'][number])
  const names = found.map(({ metadata }) => metadata.name)
  const foreign = found.filter(({ metadata }) => metadata.labels?.[namespaceLabel] !== env.id).map(({ metadata }) => metadata.name)
  if (foreign.length > 0) {
    throw new Error(
      `the cluster has a namespace ${foreign.join(' and ')} that this lab did not make; it is left alone. Give the sample another name: npm run demo -- --project NAME`,
    )
  }
  if (names.length > 0) await run([...kubectlOf(env), 'delete', 'namespaces', ...names, '--ignore-not-found', '--wait=false'])
}

function namespacesOf(project: string): string[] {
  return ['alpha', 'prod'].map((name) => `${project}-${name}`)
}

function kubectlOf({ kubernetes }: LabEnv): string[] {
  return [kubernetes.kubectl, '--kubeconfig', kubernetes.kubeconfig]
}

/** One that is found is given as it is, several as a list. */
function itemsOf(answer: Listed | Listed['items'][number]): Listed['items'] {
  return 'items' in answer ? answer.items : [answer]
}

async function removeRepository(env: LabEnv, repository: string): Promise<void> {
  const ask = (method: string, path: string) =>
    fetch(`http://${env.registry.address}/v2/${repository}/${path}`, {
      method,
      headers: { accept: MANIFESTS },
      signal: AbortSignal.timeout(10_000),
    })
  const listed = await ask('GET', 'tags/list')
  if (!listed.ok) return
  const { tags } = (await listed.json()) as { tags: readonly string[] | null }
  const answers = await Promise.all((tags ?? []).map((tag) => ask('HEAD', `manifests/${tag}`)))
  const digests = new Set(answers.flatMap(({ headers }) => headers.get('docker-content-digest') ?? []))
  await Promise.all(
    [...digests].map(async (digest) => {
      const { status } = await ask('DELETE', `manifests/${digest}`)
      if (status !== 202 && status !== 404)
        throw new Error(`the lab's registry does not delete ${repository}@${digest}: it answers ${status}`)
    }),
  )
}

const MANIFESTS = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
