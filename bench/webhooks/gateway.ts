import { spawn } from 'node:child_process'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../machine/free-ports.ts'
import type { Bench } from '../measure/bench.ts'

export const SECRET = 'a-secret-of-the-benchmark'

export type BenchGateway = { readonly url: string; readonly metricsUrl: string; readonly stop: () => Promise<void> }

const PATIENCE_MS = 60_000

/** The packaged gateway, in a process of its own, before the lab's Temporal. */
export async function startGateway({ env, folder, packageFolder }: Bench, projects: readonly string[]): Promise<BenchGateway> {
  const [port, metricsPort] = await freePorts(2)
  const estate = {
    registry: { address: env.registry.address },
    gateway: { listen: { port }, metrics: { port: metricsPort }, hintsPerMinute: 100_000 },
    projects: Object.fromEntries(projects.map((name) => [name, projectOf(env.git.folder)])),
  }
  const file = join(folder, 'estate.yaml')
  await writeFile(file, JSON.stringify(estate))
  const logFile = join(env.folder, 'log', 'bench-gateway.log')
  const log = await open(logFile, 'w')
  const child = spawn(process.execPath, [join(packageFolder, 'dist', 'gateway', 'main.js'), '--estate', file], {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, TEMPORAL_ADDRESS: env.temporal.address, TEMPORAL_NAMESPACE: 'default', BENCH_SECRET: SECRET },
  })
  await log.close()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = () => (child.kill('SIGTERM'), ended)
  const began = performance.now()
  while (!(await readFile(logFile, 'utf8')).includes('gateway is ready')) {
    if (child.exitCode !== null || performance.now() - began > PATIENCE_MS) {
      await stop()
      throw new Error(`the gateway did not get ready; it said:\n${(await readFile(logFile, 'utf8')).slice(-3000)}`)
    }
    await sleep(20)
  }
  return { url: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${metricsPort}`, stop }
}

function projectOf(folder: string) {
  return { repository: { url: join(folder, 'bench.git') }, webhooks: { github: { secret: { env: 'BENCH_SECRET' } } }, environments: {} }
}
