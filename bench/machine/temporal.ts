import { spawn } from 'node:child_process'
import { open, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { cacheFolder } from '../../lab/cache.ts'
import type { LabEnv } from '../../lab/env.ts'
import { serverCommand } from '../../lab/parts/temporal.ts'
import { knownLayout } from '../../lab/slot-file.ts'
import { freePort } from '../../test/fakes/temporal-server.ts'

export type BenchTemporal = { readonly address: string; readonly client: Client; readonly close: () => Promise<void> }

/** A Temporal server of the benchmark's own, with just the flags that the lab's has, and with its data in `folder`. */
export async function startTemporal(env: LabEnv, folder: string): Promise<BenchTemporal> {
  const layout = await knownLayout(cacheFolder(process.env), env.checkout)
  if (layout === undefined) throw new Error(`there is no lab in ${env.checkout}; bring it up with: npm run lab -- up`)
  const [temporal, temporalUi, temporalHttp, temporalMetrics] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const ports = { ...layout.ports, temporal, temporalUi, temporalHttp, temporalMetrics }
  await mkdir(join(folder, 'temporal'), { recursive: true })
  const log = await open(join(folder, 'temporal.log'), 'a')
  const [command = '', ...args] = serverCommand({ ...layout, state: folder, ports }, env.temporal.binary)
  const child = spawn(command, args, { stdio: ['ignore', log.fd, log.fd] })
  await log.close()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = () => (child.kill('SIGTERM'), ended)
  const address = `127.0.0.1:${temporal}`
  const connection = await connectPatiently(address).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const close = async () => {
    await connection.close()
    await stop()
  }
  return { address, client: new Client({ connection }), close }
}

async function connectPatiently(address: string): Promise<Connection> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      return await Connection.connect({ address, connectTimeout: 1000 })
    } catch (error) {
      if (Date.now() > deadline) throw new Error('the Temporal server of the benchmark does not answer', { cause: error })
      await sleep(50)
    }
  }
}
