import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { failed } from '../exit.ts'
import { neutralLines } from '../view/neutral.ts'
import { startChild, type Child } from './child.ts'
import { serverArgv } from './server-argv.ts'
import { temporalBinary } from './temporal-binary.ts'

/** It is up in a second or two; the first time a database is made. */
const START_MS = 30_000

export type ServerOptions = {
  /** `.slipway` of the folder: database and log. */
  readonly folder: string
  readonly port: number
  readonly uiPort: number
  readonly namespace: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Starts the server and waits until it answers; null when one answers at that port already. */
export async function startServer(options: ServerOptions): Promise<Child | null> {
  if (await answers(options.port)) return null
  const binary = await temporalBinary(options.env)
  await mkdir(options.folder, { recursive: true })
  // Nothing in this folder belongs into a repository.
  await writeFile(join(options.folder, '.gitignore'), '*\n')
  const logFile = join(options.folder, 'temporal.log')
  const log = await open(logFile, 'w')
  const child = startChild(serverArgv({ ...options, binary, database: join(options.folder, 'temporal.db') }), {
    env: options.env,
    output: log.fd,
  })
  await log.close()
  const outcome = await Promise.race([child.ended.then(() => 'ended' as const), untilAnswers(options.port)])
  if (outcome === 'answers') return child
  child.end('SIGTERM')
  const last = neutralLines(await readFile(logFile, 'utf8'))
    .trim()
    .split('\n')
    .slice(-3)
    .join(' | ')
  throw failed(`the Temporal server ${outcome === 'ended' ? 'ended at once' : `does not answer after ${START_MS / 1000} s`}: ${last}`, [
    'slipway dev --port PORT',
  ])
}

async function untilAnswers(port: number): Promise<'answers' | 'late'> {
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline) {
    if (await answers(port)) return 'answers'
    await sleep(100)
  }
  return 'late'
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connectTcp({ host: '127.0.0.1', port, timeout: 1000 })
    const end = (value: boolean) => {
      socket.destroy()
      resolve(value)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
