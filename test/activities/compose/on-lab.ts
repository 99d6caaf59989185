import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createComposeTarget, type ComposeTargetEstate } from '../../../activities/compose/target.ts'
import type { AttemptContext } from '../../../activities/context.ts'
import type { Fence } from '../../../activities/contract.ts'
import type { ActInput, Target } from '../../../activities/deploy/target.ts'
import type { Mirror } from '../../../activities/git/mirror.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import { labUp } from '../../../lab/up.ts'
import { testHost, type TestHost } from '../ssh/host.ts'

const execute = promisify(execFile)

export type OnLab = TestHost & {
  readonly registry: string
  /** Image repositories and compose projects of this test begin so. */
  readonly prefix: string
  /** What the host's user has in its environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly docker: (...args: readonly string[]) => Promise<string>
  /** A file as the container has it. A process in the container would see another root where the engine runs in a chroot. */
  readonly readFile: (container: string, path: string) => Promise<string>
  /** Builds and pushes an image that serves its version, or does what `command` says, and forgets it in the engine. */
  readonly image: (service: string, version: string, lines?: string) => Promise<ServiceImage>
  /** What is looked at settles at once, unless it is said otherwise. */
  readonly target: (more?: Partial<ComposeTargetEstate> & { secrets?: Record<string, string> }) => Deployer
}

export type Deployer = {
  readonly directory: string
  readonly project: string
  readonly target: Target
  readonly render: (file: string | null, images: readonly ServiceImage[], more?: RenderMore) => Promise<ActInput>
}

type RenderMore = {
  readonly services?: string[]
  readonly previous?: Buffer
  readonly fence?: Fence
  readonly registry?: string
  readonly rolloutTimeoutMs?: number
}

/** @param plugin the path of a docker compose v2 plugin for the host to have, or null for v1 alone */
export async function onLab(plugin: string | null): Promise<OnLab> {
  const lab = await labUp({ checkout: process.cwd(), parts: ['engine', 'registry', 'images', 'ssh'] })
  const dockerConfig = await mkdtemp(join(tmpdir(), 'slipway-docker-'))
  await execute('chmod', ['755', dockerConfig])
  if (plugin !== null) {
    await mkdir(join(dockerConfig, 'cli-plugins'))
    // A copy: where it was built, the host's user may not look.
    await copyFile(plugin, join(dockerConfig, 'cli-plugins', 'docker-compose'))
    await chmod(join(dockerConfig, 'cli-plugins', 'docker-compose'), 0o755)
  }
  const environment = { PATH: `${lab.path}:/usr/local/bin:/usr/bin:/bin`, DOCKER_HOST: lab.engine.dockerHost, DOCKER_CONFIG: dockerConfig }
  const at = await testHost({ environment })
  const prefix = `test-compose-${randomUUID().slice(0, 8)}`
  const docker = async (...args: readonly string[]) => (await execute('docker', args, { env: environment })).stdout.trim()
  let folders = 0
  let epochs = 0
  return {
    ...at,
    registry: lab.registry.address,
    prefix,
    environment,
    docker,
    readFile: async (container, path) =>
      (await execute('sh', ['-c', 'docker cp "$0:$1" - | tar -xO', container, path], { env: environment })).stdout.trim(),
    image: async (service, version, lines) => {
      const context = await mkdtemp(join(tmpdir(), 'slipway-context-'))
      const reference = `${lab.registry.address}/${prefix}/${service}:${version}`
      const command = lines ?? `CMD ["sh", "-c", "trap 'exit 0' TERM; httpd -f -p 8080 -h /www & wait $!"]`
      await writeFile(join(context, 'Dockerfile'), `FROM ${lab.images.busybox}\nCOPY version /www/version\n${command}\n`)
      await writeFile(join(context, 'version'), version)
      await docker('build', '-q', '-t', reference, context)
      const digest = /digest: (sha256:[0-9a-f]{64})/.exec(await docker('push', reference))![1]!
      await docker('rmi', reference)
      await rm(context, { recursive: true })
      return { service, repository: `${prefix}/${service}`, digest, inputs: '', reused: false }
    },
    target: ({ secrets = {}, ...more } = {}) => {
      const project = `${prefix}-${++folders}`
      const directory = more.directory ?? join(at.folder, project)
      const estate: ComposeTargetEstate = { host: 'h', directory, file: 'repository', environment: {}, settleSeconds: 0, ...more }
      const target = createComposeTarget({ target: estate, host: at.host, deps: { ...at.deps, env: secrets } })
      return {
        directory,
        project: more.project ?? project,
        target,
        render: async (file, images, { services, previous, fence, registry, rolloutTimeoutMs } = {}) => {
          const base = {
            project: 'shop',
            environment: 'integration',
            candidate: { revision: 'a'.repeat(40), images, configHash: '' },
            tag: 'develop.aaaaaaaa',
            registry: registry ?? lab.registry.address,
          }
          const parts = services ? { compose: { file: 'docker-compose.yml', services } } : {}
          const content = await target.render({ ...base, parts, mirror: mirrorOf(file) }, attempt())
          return {
            ...base,
            content,
            fence: fence ?? { epoch: ++epochs, attempt: 1 },
            previous: previous ?? null,
            rolloutTimeoutMs: rolloutTimeoutMs ?? 20_000,
          }
        },
      }
    },
    remove: async () => {
      await clear(docker, 'ps -aq', `name=${prefix}`, ['rm', '-fv'])
      await clear(docker, 'network ls -q', `name=${prefix}`, ['network', 'rm'])
      const names = (await docker('images', '--format', '{{.Repository}} {{.ID}}'))
        .split('\n')
        .filter((line) => line.includes(`/${prefix}/`))
      for (const name of names) await docker('rmi', '-f', name.split(' ')[1]!).catch(() => '')
      await at.remove()
      await rm(dockerConfig, { recursive: true, force: true })
    },
  }
}

export function attempt(signal: AbortSignal = new AbortController().signal, lines: string[] = []): AttemptContext {
  return { signal, heartbeat: ({ line }) => lines.push(line) }
}

/** A repository that holds this one file and nothing else. */
function mirrorOf(file: string | null): Mirror {
  const unused = () => Promise.reject(new Error('not asked for'))
  return { ensure: unused, objectId: unused, checkout: unused, readFile: () => Promise.resolve(file === null ? null : Buffer.from(file)) }
}

async function clear(docker: OnLab['docker'], list: string, filter: string, remove: readonly string[]): Promise<void> {
  const ids = (await docker(...list.split(' '), '--filter', filter)).split('\n').filter((id) => id !== '')
  if (ids.length > 0) await docker(...remove, ...ids)
}

/** Puts a file on the host, as the lab's user has it. */
export async function place(path: string, text: string, user: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  await execute('chown', ['-R', user, dirname(path)])
}
