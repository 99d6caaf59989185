import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { Connection } from '@temporalio/client'
import { labUp } from '../../lab/up.ts'
import { SEARCH_ATTRIBUTES } from '../../workflows/attributes.ts'
import { until } from './world.ts'

export type TemporalServer = {
  readonly address: string
  readonly stop: () => Promise<void>
}

/** One that can be lost. */
export type OwnServer = TemporalServer & {
  /** At once, as when its machine is lost. */
  readonly kill: () => Promise<void>
}

export type ServerOptions = {
  /** Where it listens; default: a port that is free. */
  readonly port?: number
  /** A file that outlives it; default: it keeps everything in memory. */
  readonly database?: string
}

/** A Temporal development server of the test's own, tuned like the lab's: real, and empty at the start. */
export async function startTemporal(options: ServerOptions = {}): Promise<OwnServer> {
  const { temporal } = await labUp({ checkout: process.cwd(), parts: ['temporal'] })
  const [port, http, metrics] = await Promise.all([options.port ?? freePort(), freePort(), freePort()])
  const polls = ['transfer', 'timer', 'visibility'].flatMap((queue) => [
    '--dynamic-config-value',
    `history.${queue}ProcessorMaxPollRPS=2000`,
  ])
  const attributes = SEARCH_ATTRIBUTES.flatMap((key) => ['--search-attribute', `${key.name}=Keyword`])
  const args = [
    '--ip',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--http-port',
    `${http}`,
    '--metrics-port',
    `${metrics}`,
    '--headless',
    '--log-level',
    'error',
    ...(options.database === undefined ? [] : ['--db-filename', options.database]),
  ]
  const child = spawn(temporal.binary, ['server', 'start-dev', ...args, ...polls, ...attributes], { stdio: 'ignore' })
  const address = `127.0.0.1:${port}`
  await until(
    () =>
      Connection.connect({ address, connectTimeout: 1000 }).then(
        (connection) => connection.close().then(() => true),
        () => false,
      ),
    (answers) => answers,
    30_000,
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const end = (signal: 'SIGTERM' | 'SIGKILL') => () => (child.kill(signal), ended)
  return { address, stop: end('SIGTERM'), kill: end('SIGKILL') }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
