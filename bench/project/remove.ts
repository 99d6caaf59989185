import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEnv } from '../../lab/env.ts'
import { run, succeeds } from '../../lab/machine/run.ts'
import { composeProjectOf, namespaceLabel } from '../../lab/sample.ts'
import { namespaceOf, OVERLAYS, SERVICES, type Overlay, type Shape } from './shape.ts'

/** Everything that deliveries of a project left on the lab: containers, namespace, images, remote, folder on the host. */
export async function removeProject(env: LabEnv, shape: Shape): Promise<void> {
  await Promise.all([
    removeContainers(env, shape),
    ...OVERLAYS.map((each) => removeNamespace(env, shape, each)),
    ...SERVICES.map((service) => removeImages(env, `${shape.name}/${service}`)),
    rm(join(env.ssh.home, shape.name), { recursive: true, force: true }),
    rm(join(env.git.folder, `${shape.name}.git`), { recursive: true, force: true }),
  ])
  await removeLocalImages(env, shape)
}

async function removeContainers(env: LabEnv, { name }: Shape): Promise<void> {
  const filter = ['--filter', `label=com.docker.compose.project=${composeProjectOf(env, name)}`]
  const containers = lines(await docker(env, 'ps', '--all', '--quiet', ...filter))
  if (containers.length > 0) await docker(env, 'rm', '--force', ...containers)
  const networks = lines(await docker(env, 'network', 'ls', '--quiet', ...filter))
  if (networks.length > 0) await docker(env, 'network', 'rm', ...networks)
}

/** By its label too: a namespace of that name that the lab did not make stays. */
async function removeNamespace({ id, kubernetes }: LabEnv, shape: Shape, overlay: Overlay): Promise<void> {
  const chosen = ['--field-selector', `metadata.name=${namespaceOf(shape, overlay)}`, '--selector', `${namespaceLabel}=${id}`]
  await run([kubernetes.kubectl, '--kubeconfig', kubernetes.kubeconfig, 'delete', 'namespaces', ...chosen])
}

/** The registry deletes by digest; what no name is left of is garbage to it. */
async function removeImages({ registry }: LabEnv, repository: string): Promise<void> {
  const ask = (method: string, path: string) =>
    fetch(`http://${registry.address}/v2/${repository}/${path}`, {
      method,
      headers: { accept: MANIFEST },
      signal: AbortSignal.timeout(10_000),
    })
  const listed = await ask('GET', 'tags/list')
  if (!listed.ok) return
  const { tags } = (await listed.json()) as { tags: readonly string[] | null }
  const heads = await Promise.all((tags ?? []).map((tag) => ask('HEAD', `manifests/${tag}`)))
  const digests = new Set(heads.flatMap(({ headers }) => headers.get('docker-content-digest') ?? []))
  await Promise.all([...digests].map((digest) => ask('DELETE', `manifests/${digest}`)))
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'

/** Name by name: another project may have an image of the same content. What is in use by then stays. */
async function removeLocalImages(env: LabEnv, { name }: Shape): Promise<void> {
  const format = '{{.Repository}} {{.Tag}} {{.Digest}}'
  const listed = await docker(
    env,
    'image',
    'ls',
    '--digests',
    '--format',
    format,
    '--filter',
    `reference=${env.registry.address}/${name}/*`,
  )
  const names = lines(listed).map((line) => {
    const [repository, tag, digest] = line.split(' ')
    return tag === '<none>' ? `${repository}@${digest}` : `${repository}:${tag}`
  })
  if (names.length > 0) await succeeds([join(env.path, 'docker'), 'image', 'rm', ...new Set(names)], environmentOf(env))
}

function docker(env: LabEnv, ...args: string[]): Promise<string> {
  return run([join(env.path, 'docker'), ...args], environmentOf(env))
}

function environmentOf({ engine }: LabEnv) {
  return { env: { DOCKER_HOST: engine.dockerHost } }
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
