import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LabEnv } from '../../lab/env.ts'

export type BenchWorker = { readonly pid: number; readonly readyMs: number; readonly stop: () => Promise<void> }

type Place = {
  readonly env: LabEnv
  readonly address: string
  readonly packageFolder: string
  readonly folder: string
  readonly estateFile: string
}

const PATIENCE_MS = 120_000

/** The packaged worker, in a process of its own, from its start until it says that it is ready. */
export async function startWorker({ env, address, packageFolder, folder, estateFile }: Place): Promise<BenchWorker> {
  // Among the lab's logs, where it is found when something went wrong.
  const logFile = join(env.folder, 'log', 'bench-worker.log')
  const log = await open(logFile, 'w')
  const began = performance.now()
  const argv = [join(packageFolder, 'dist', 'worker', 'main.js'), '--estate', estateFile, '--state', join(folder, 'state')]
  const child = spawn(process.execPath, argv, {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default', PATH: `${env.path}:${process.env['PATH'] ?? ''}` },
  })
  await log.close()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = () => (child.kill('SIGTERM'), ended)
  while (!(await readFile(logFile, 'utf8')).includes('worker is ready')) {
    const gone = child.exitCode !== null || child.signalCode !== null
    if (gone || performance.now() - began > PATIENCE_MS) {
      await stop()
      throw new Error(`the worker did not get ready; it said:\n${(await readFile(logFile, 'utf8')).slice(-3000)}`)
    }
    await sleep(20)
  }
  return { pid: child.pid ?? 0, readyMs: Math.round(performance.now() - began), stop }
}
