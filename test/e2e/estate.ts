import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { execa } from 'execa'
import type { LabEnv } from '../../lab/env.ts'
import { removeDeployments, removeTraces, untilNamespacesAreGone } from '../../lab/demo/remove-sample.ts'
import { createSample, type Sample } from '../../lab/sample.ts'
import { labUp } from '../../lab/up.ts'
import { buildId } from '../../workflows/ids.ts'
import { buildQuery } from '../../workflows/messages.ts'
import { openConversation, type Conversation } from '../fakes/conversation.ts'
import { startTemporal, type TemporalServer } from '../fakes/temporal-server.ts'
import { until } from '../fakes/world.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export type Estate = Awaited<ReturnType<typeof openEstate>>

/** The lab's real parts, a Temporal of the test's own, the sample project in a remote, and a worker that can be killed. */
export async function openEstate(project: string, portOffset: number, environment: Record<string, string> = {}) {
  const env = await labUp({ checkout: ROOT })
  // An earlier run may have been ended in the middle.
  await removeTraces(env, project)
  await untilNamespacesAreGone(env, project)
  const temporal = await startTemporal()
  const ports = { website: env.hostPorts.from + portOffset, api: env.hostPorts.from + portOffset + 1 }
  const sample = await createSample({ ...env, temporal: { ...env.temporal, address: temporal.address } }, { project, ports })
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection })
  const worker = openWorker(env, temporal, sample, environment)
  const talk: Conversation = openConversation(client, project)
  const git = async (...args: string[]) => (await execa('git', ['-C', sample.folder, ...args])).stdout
  const nodePorts = new Map<string, string>()
  const kubectl = async (...args: string[]) =>
    (await execa(env.kubernetes.kubectl, ['--kubeconfig', env.kubernetes.kubeconfig, ...args])).stdout
  return {
    ...talk,
    env,
    client,
    sample,
    worker,
    /** A further worker, with this in its environment; who makes it ends it. */
    anotherWorker: (more: Record<string, string>) => openWorker(env, temporal, sample, { ...environment, ...more }),
    /** The same remote and targets under a Temporal that knows nothing, as after its database was lost; who opens it closes it. */
    loseTemporal: async () => {
      await worker.stop()
      const empty = await startTemporal()
      const [anew, successor] = [await Connection.connect({ address: empty.address }), openWorker(env, empty, sample, environment)]
      return {
        ...openConversation(new Client({ connection: anew }), project),
        address: empty.address,
        worker: successor,
        close: async () => {
          await successor.stop()
          await anew.close()
          await empty.stop()
        },
      }
    },
    git,
    kubectl,
    docker: async (...args: string[]) =>
      (await execa(join(env.path, 'docker'), args, { env: { DOCKER_HOST: env.engine.dockerHost } })).stdout,
    /** `slipway …` as a person types it in the project's folder; any exit code is an answer. */
    slipway: async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await execa(process.execPath, [join(ROOT, 'bin', 'slipway.js'), ...args], {
        cwd: sample.folder,
        env: { TEMPORAL_ADDRESS: temporal.address, SLIPWAY_USER: 'Priya', NO_COLOR: '1' },
        reject: false,
      })
      return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as unknown }
    },
    address: temporal.address,
    build: (revision: string) => client.workflow.getHandle(buildId(project, revision)).query(buildQuery),
    /** Changes a file of the sample, commits it and pushes the branch, as a developer does. @returns the revision */
    change: async (branch: string, file: string, text: string) => {
      await git('checkout', '--quiet', branch)
      await writeFile(join(sample.folder, file), text)
      await git('add', '--all')
      await git('commit', '--quiet', '-m', `${file} says ${text.trim().slice(0, 40)}`)
      await git('push', '--quiet', 'origin', branch)
      return git('rev-parse', 'HEAD')
    },
    /** What the website of an environment answers over HTTP. */
    served: async (environment: string, path = '/version') => {
      const base = environment === 'integration' ? sample.integrationUrl : await nodePortUrl(environment)
      return (await fetch(`${base}${path}`, { signal: AbortSignal.timeout(3000) })).text()
    },
    close: async () => {
      await worker.stop()
      await connection.close()
      await temporal.stop()
      await removeDeployments(env, project)
      await Promise.all([join(sample.folder, '..'), sample.remote].map((folder) => rm(folder, { recursive: true, force: true })))
    },
  }

  async function nodePortUrl(environment: string): Promise<string> {
    const namespace = ['--namespace', `${project}-${environment}`]
    const port =
      nodePorts.get(environment) ??
      (await kubectl(...namespace, 'get', 'service', 'website', '--output', 'jsonpath={.spec.ports[0].nodePort}'))
    nodePorts.set(environment, port)
    return `http://${env.kubernetes.nodeAddress}:${port}`
  }
}

function openWorker(env: LabEnv, temporal: TemporalServer, sample: Sample, environment: Record<string, string>) {
  let child: ChildProcess | null = null
  const log = join(sample.folder, '..', 'worker.log')
  const end = async (signal: NodeJS.Signals) => {
    const process = child
    child = null
    if (process === null || process.exitCode !== null || process.signalCode !== null) return
    const ended = new Promise((resolve) => process.once('exit', resolve))
    process.kill(signal)
    await ended
  }
  return {
    log: () => readFile(log, 'utf8'),
    start: async () => {
      const stream = createWriteStream(log, { flags: 'a' })
      child = spawn(
        process.execPath,
        [join(ROOT, 'worker', 'main.ts'), '--estate', sample.estateFile, '--state', join(sample.folder, '..', 'state')],
        {
          env: { ...process.env, TEMPORAL_ADDRESS: temporal.address, ...environment, PATH: `${env.path}:${process.env['PATH'] ?? ''}` },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      child.stdout?.pipe(stream)
      child.stderr?.pipe(stream)
      const readyBefore = await countReady(log)
      await until(
        () => countReady(log),
        (count) => count > readyBefore,
        30_000,
      )
    },
    /** SIGKILL: nothing is cleaned up, nobody is told. */
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pid: () => child?.pid,
  }
}

async function countReady(log: string): Promise<number> {
  return (await readFile(log, 'utf8').catch(() => '')).split('worker is ready').length - 1
}
