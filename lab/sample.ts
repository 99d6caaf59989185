import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { quote, type LabEnv } from './env.ts'
import { run } from './machine/run.ts'
import { createRemote } from './remote.ts'

export type Sample = {
  readonly project: string
  /** A clone of the remote, as a developer has it: develop is checked out. */
  readonly folder: string
  readonly remote: string
  readonly estateFile: string
  /** Where each environment's website is asked; a NodePort is chosen by the cluster, so those are asked for with kubectl. */
  readonly integrationUrl: string
}

/** Stands on the namespaces of a sample, with the lab's id: only those are the lab's to delete. */
export const namespaceLabel = 'slipway-lab'

export type SampleOptions = {
  /** The project's name, and the first part of its image repositories and namespaces. */
  readonly project: string
  /** Two ports of the lab's range for what compose publishes. */
  readonly ports: { readonly website: number; readonly api: number }
  /** Who may approve for prod; everybody when not given. */
  readonly approvers?: readonly string[]
}

/** What compose calls the sample. An engine that was there before may run something of that name already. */
export function composeProjectOf(env: LabEnv, project: string): string {
  return env.engine.own ? project : `${project}-lab-${env.id}`
}

/** The sample's image repositories in the lab's registry. */
export function repositoriesOf(project: string): string[] {
  return ['website', 'api'].map((service) => `${project === originalName ? 'eap' : project}/${service}`)
}

const originalName = 'website'

/** The sample project as a team would have it: pushed to a remote of the lab, with an estate that names the lab's parts. Made anew. */
export async function createSample(env: LabEnv, options: SampleOptions): Promise<Sample> {
  const { project, ports } = options
  const top = join(env.folder, 'samples', project)
  const folder = join(top, project)
  await rm(top, { recursive: true, force: true })
  await rm(join(env.git.folder, `${project}.git`), { recursive: true, force: true })
  await mkdir(top, { recursive: true })
  await cp(join(import.meta.dirname, '..', 'examples', 'website'), folder, { recursive: true })
  if (project !== originalName) await renameProject(folder, project)
  await labelNamespaces(env, folder)

  const remote = await createRemote(env, project)
  await writeFile(remote.hintFile, hintLine(env, project))
  const git = (...args: string[]) => run(['git', '-C', folder, ...args])
  await run(['git', 'init', '--quiet', '--initial-branch=develop', folder])
  await git('config', 'user.name', 'Dana Developer')
  await git('config', 'user.email', 'dana@example.com')
  await git('config', 'advice.detachedHead', 'false')
  await git('remote', 'add', 'origin', remote.url)
  await git('add', '--all')
  await git('commit', '--quiet', '-m', 'The website as it is today')
  await git('push', '--quiet', 'origin', 'develop', 'develop:master')
  await git('branch', '--quiet', '--set-upstream-to', 'origin/develop')

  const estateFile = join(top, 'estate.yaml')
  await writeFile(estateFile, stringify(estateOf(env, options)))
  return { project, folder, remote: remote.url, estateFile, integrationUrl: `http://127.0.0.1:${ports.website}` }
}

/** What the remote's hook runs after a push: the stock CLI, for it starts faster than anything on Node. */
function hintLine(env: LabEnv, project: string): string {
  const { binary, address, namespace } = env.temporal
  const args = [
    'workflow',
    'signal',
    '--address',
    address,
    '--namespace',
    namespace,
    '--workflow-id',
    `slipway/${project}/repository`,
    '--name',
    'hint',
  ]
  return `${[binary, ...args].map(quote).join(' ')}\n`
}

/** Another name for everything that two samples in one lab would share. */
async function renameProject(folder: string, project: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.ya?ml$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const text = await readFile(file, 'utf8')
    const renamed = text.replace(/\bwebsite-(alpha|prod)\b/g, `${project}-$1`).replace(/\beap\//g, `${project}/`)
    await writeFile(file, entry.name === 'slipway.yaml' ? renamed.replace(/^project: .*/m, `project: ${project}`) : renamed)
  }
}

async function labelNamespaces(env: LabEnv, folder: string): Promise<void> {
  for (const overlay of ['alpha', 'prod']) {
    const file = join(folder, 'deploy', 'overlays', overlay, 'namespace.yaml')
    const namespace = parse(await readFile(file, 'utf8')) as { metadata: object }
    await writeFile(file, stringify({ ...namespace, metadata: { ...namespace.metadata, labels: { [namespaceLabel]: env.id } } }))
  }
}

export function estateOf(env: LabEnv, { project, ports, approvers }: SampleOptions): object {
  // What happens here follows from what is done, and not from the time of day: nobody looks for drift unless asked.
  const driftSeconds = 0
  const kustomize = (from: string, name: string) => ({
    from,
    target: { kustomize: { cluster: 'lab', namespace: `${project}-${name}` } },
    driftSeconds,
  })
  return {
    registry: { address: env.registry.address, plainHttp: true },
    engine: { dockerHost: env.engine.dockerHost },
    hosts: {
      lab: {
        address: env.ssh.host,
        port: env.ssh.port,
        user: env.ssh.user,
        login: { keyFile: env.ssh.keyFile },
        hostKey: { knownHosts: env.ssh.knownHostsFile },
      },
    },
    clusters: { lab: { kubeconfig: env.kubernetes.kubeconfig } },
    projects: {
      [project]: {
        repository: { url: join(env.git.folder, `${project}.git`) },
        buildArgs: { BASE: env.images.busybox },
        environments: {
          integration: {
            from: 'develop',
            target: {
              compose: {
                host: 'lab',
                directory: `${env.ssh.home}/${project}`,
                project: composeProjectOf(env, project),
                environment: { WEBSITE_PORT: String(ports.website), API_PORT: String(ports.api) },
                // The sample dies at once or not at all.
                settleSeconds: 0.5,
              },
            },
            health: [{ url: `http://127.0.0.1:${ports.website}/healthz` }],
            commandHooks: true,
            driftSeconds,
          },
          alpha: kustomize('release', 'alpha'),
          prod: { ...kustomize('tag', 'prod'), ...(approvers === undefined ? {} : { approvers }) },
        },
      },
    },
  }
}
