import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { DeployActivities } from '../../../activities/contract.ts'
import { createDeployActivities } from '../../../activities/deploy/activities.ts'
import { createTargets } from '../../../activities/deploy/targets.ts'
import { createGitActivities } from '../../../activities/git/activities.ts'
import { createMirrors } from '../../../activities/git/mirrors.ts'
import { createRegistry } from '../../../activities/registry/client.ts'
import { createStore } from '../../../activities/store/create.ts'
import { estateSchema } from '../../../config/estate-schema.ts'
import type { Candidate, ServiceImage } from '../../../domain/candidate.ts'
import { attempt, onLab, type OnLab } from '../compose/on-lab.ts'
import { createTeam, type Team } from '../git/support.ts'
import { kustomizeBench, type Bench } from '../kustomize/bench.ts'

const execute = promisify(execFile)

/** A team that deploys by its own scripts, on the lab's parts. */
export type Adoption = {
  readonly at: OnLab
  readonly cluster: Bench
  readonly team: Team
  /** As the article's pipeline does it: a login over ssh, and a shell line. */
  readonly ssh: (line: string) => Promise<string>
  /** The images of a tag, built and pushed as their pipeline would have: each serves the tag. */
  readonly images: (tag: string, services?: readonly string[]) => Promise<readonly ServiceImage[]>
  /** The activities of a worker whose estate has this one environment. */
  readonly activities: (environment: string, target: object) => DeployActivities
  readonly remove: () => Promise<void>
}

export async function adoption(): Promise<Adoption> {
  const [at, cluster] = [await onLab(null), await kustomizeBench()]
  const team = createTeam()
  const store = await mkdtemp(join(tmpdir(), 'slipway-test-store-'))
  const { host, registry } = at
  const knownHosts = 'knownHosts' in host.hostKey ? host.hostKey.knownHosts : ''
  return {
    at,
    cluster,
    team,
    ssh: async (line) => {
      const options = ['-p', String(host.port), '-i', at.keyFile, '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'BatchMode=yes']
      return (await execute('ssh', [...options, `${host.user}@${host.address}`, line])).stdout.trim()
    },
    images: async (tag, services = ['api', 'web']) => {
      const made: ServiceImage[] = []
      for (const service of services) made.push(await at.image(service, tag))
      return made
    },
    activities: (environment, target) => {
      const file = estateSchema.parse({
        registry: { address: registry, plainHttp: true },
        store: { folder: store },
        hosts: { one: host },
        clusters: { main: { kubeconfig: cluster.kubeconfig } },
        projects: {
          shop: {
            repository: { url: team.remote },
            environments: { [environment]: { from: 'develop', target, rolloutTimeoutSeconds: 60 } },
          },
        },
      })
      const deps = {
        estate: { file, hash: '0'.repeat(64) },
        stateFolder: join(store, 'state'),
        environment: { PATH: cluster.path },
        attempt: () => attempt(),
        readFile: (path: string) => readFile(path, 'utf8'),
        tellRefusal: async () => undefined,
      }
      const mirrors = createMirrors(deps)
      const access = createRegistry(file.registry, deps)
      const all = {
        ...deps,
        mirrors,
        registry: access,
        store: createStore(file, access),
        target: createTargets({ ...deps, registry: access }),
      }
      return createDeployActivities(all, createGitActivities(all))
    },
    remove: async () => {
      team.end()
      await Promise.all([cluster.remove(), at.remove()])
      await rm(store, { recursive: true, force: true })
    },
  }
}

export function candidateOf(revision: string, images: readonly ServiceImage[]): Candidate {
  return { revision, images, configHash: 'c'.repeat(64) }
}

/** `kustomize edit set image …` and `kustomize build .`, as the placed script does. */
export async function byKustomize({ cluster }: Adoption, folder: string, images: readonly string[]): Promise<string> {
  const options = { cwd: folder, env: { PATH: cluster.path } }
  await execute('kustomize', ['edit', 'set', 'image', ...images], options)
  return (await execute('kustomize', ['build', '.'], options)).stdout
}
