import { chmod, copyFile, cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { quote, type LabEnv } from '../../lab/env.ts'
import { run } from '../../lab/machine/run.ts'
import { composeProjectOf } from '../../lab/sample.ts'
import { readMarks } from '../history/marks.ts'
import { nodePlaces, untilPodsAreSettled } from '../node-ports.ts'
import { portsEnvironment } from '../project/estate.ts'
import { changeAll, type BenchProject } from '../project/create.ts'
import { untilServed } from '../served.ts'
import { BRANCH, composePlaces, type Target, type Way } from './way.ts'

type ByHand = { readonly env: LabEnv; readonly project: BenchProject; readonly signal: AbortSignal }

const SCRIPTS = join(import.meta.dirname, '..', 'by-hand')
const TIMEOUT_MS = 120_000

/** The steps that a team's pipeline runs without Slipway, as a plain shell script. */
export function openByHand({ env, project, signal }: ByHand): Way {
  const { shape } = project
  const deliver = async (target: Target, version: string) => {
    const places = target === 'compose' ? composePlaces(project) : await nodePlaces(env, shape)
    await changeAll(project, BRANCH[target], version)
    const begun = Date.now()
    const [served, { stdout }] = await Promise.all([
      untilServed(places, version, { timeoutMs: TIMEOUT_MS, signal }),
      runScript(env, project, [target]),
    ])
    if (target === 'kustomize') await untilPodsAreSettled(env, shape)
    return { milliseconds: served - begun, moments: { ...readMarks(stdout, begun), served: served - begun } }
  }
  return {
    name: 'by hand',
    project,
    begin: async () => {
      await placeFiles(env, project)
      await project.git('branch', '--quiet', BRANCH.kustomize)
      await deliver('compose', 'first')
      await changeAll(project, BRANCH.kustomize, 'first')
      await runScript(env, project, ['kustomize'])
      await untilServed(await nodePlaces(env, shape), 'first', { timeoutMs: TIMEOUT_MS, signal })
    },
    deliver,
  }
}

/** Runs the script in the project's folder. */
export async function runScript(
  env: LabEnv,
  { folder, shape }: BenchProject,
  args: readonly string[],
  variables: Record<string, string> = {},
) {
  return execa('sh', [join(SCRIPTS, 'deliver.sh'), ...args], {
    cwd: folder,
    env: {
      PATH: `${env.path}:${process.env['PATH'] ?? ''}`,
      DOCKER_HOST: env.engine.dockerHost,
      REGISTRY: env.registry.address,
      PREFIX: shape.name,
      SERVICES: shape.services.join(' '),
      BASE: env.images.busybox,
      SSH_CONFIG: sshConfigOf(folder),
      PLACE: place(env, shape.name),
      ...variables,
    },
  })
}

function sshConfigOf(folder: string): string {
  return `${folder}.ssh_config`
}

function sshConfig({ ssh }: LabEnv): string {
  const lines = [
    `HostName ${ssh.host}`,
    `Port ${ssh.port}`,
    `User ${ssh.user}`,
    `IdentityFile "${ssh.keyFile}"`,
    `UserKnownHostsFile "${ssh.knownHostsFile}"`,
  ]
  return ['Host lab', ...lines, 'BatchMode yes', 'LogLevel ERROR', ''].join('\n')
}

function place(env: LabEnv, name: string): string {
  return join(env.ssh.home, name)
}

/** What lies ready on the host: the compose file with its variables, the overlay, and the script that is run there. */
async function placeFiles(env: LabEnv, { folder, shape, ports }: BenchProject): Promise<void> {
  const there = place(env, shape.name)
  const { uid, gid } = await stat(env.ssh.home)
  await writeFile(sshConfigOf(folder), sshConfig(env))
  await rm(there, { recursive: true, force: true })
  await mkdir(there)
  await copyFile(join(folder, 'docker-compose.yml'), join(there, 'docker-compose.yml'))
  const variables = { COMPOSE_PROJECT_NAME: composeProjectOf(env, shape.name), REGISTRY: env.registry.address, ...portsEnvironment(ports) }
  await writeFile(
    join(there, '.env'),
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  await cp(join(folder, 'deploy'), join(there, 'deploy'), { recursive: true })
  await copyFile(join(SCRIPTS, 'deploy.sh'), join(there, 'deploy.sh'))
  await chmod(join(there, 'deploy.sh'), 0o755)
  const images = shape.services.map((each) => `${shape.name}/${each}=${env.registry.address}/${shape.name}/${each}`)
  await writeFile(join(there, 'deploy.conf'), `IMAGES=${quote(images.join(' '))}\n`)
  await run(['chown', '-R', `${uid}:${gid}`, there])
}
