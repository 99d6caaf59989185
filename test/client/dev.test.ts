import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverArgv } from '../../client/dev/server-argv.ts'
import { temporalBinary } from '../../client/dev/temporal-binary.ts'
import { packageVersion, workerEntry } from '../../client/entry.ts'
import { labUp } from '../../lab/up.ts'
import { freePort } from '../fakes/temporal-server.ts'
import { until } from '../fakes/world.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-dev-'))
  await writeFile(join(folder, 'temporal'), '#!/bin/sh\n')
  await chmod(join(folder, 'temporal'), 0o755)
  await writeFile(join(folder, 'plain'), '')
})
afterAll(() => rm(folder, { recursive: true }))

test('the server is the tuned one, on SQLite, with the search attributes', () => {
  const input = { binary: '/opt/temporal', database: '/shop/.slipway/temporal.db', port: 7233, uiPort: 8233, namespace: 'default' }
  expect(serverArgv(input).join(' ')).toBe(
    '/opt/temporal server start-dev --ip 127.0.0.1 --port 7233 --ui-port 8233 --db-filename /shop/.slipway/temporal.db --namespace default --log-level warn' +
      ' --dynamic-config-value history.transferProcessorMaxPollRPS=2000 --dynamic-config-value history.timerProcessorMaxPollRPS=2000' +
      ' --dynamic-config-value history.visibilityProcessorMaxPollRPS=2000 --sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=normal' +
      ' --search-attribute SlipwayProject=Keyword --search-attribute SlipwayVersion=Keyword --search-attribute SlipwayEnvironment=Keyword' +
      ' --search-attribute SlipwayPhase=Keyword --search-attribute SlipwayRevision=Keyword --search-attribute SlipwayCandidate=Keyword',
  )
})

test('temporal is the one that is named, else the first on the PATH', async () => {
  expect(await temporalBinary({ SLIPWAY_TEMPORAL: join(folder, 'temporal'), PATH: '' })).toBe(join(folder, 'temporal'))
  expect(await temporalBinary({ PATH: `/nowhere:${folder}` })).toBe(join(folder, 'temporal'))
})

test('without one the sentence says how to get it', async () => {
  await expect(temporalBinary({ PATH: '/nowhere' })).rejects.toMatchObject({
    exit: 1,
    message: expect.stringContaining('https://docs.temporal.io/cli'),
  })
  await expect(temporalBinary({ SLIPWAY_TEMPORAL: join(folder, 'plain') })).rejects.toMatchObject({
    message: expect.stringContaining('no program that can be run'),
  })
})

test('the worker is the source in a checkout, and emitted JavaScript in the package', () => {
  expect(workerEntry('file:///shop/client/entry.ts')).toBe('/shop/worker/main.ts')
  expect(workerEntry('file:///shop/dist/client/entry.js')).toBe('/shop/dist/worker/main.js')
  expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+$/)
})

test('slipway dev brings server and worker up; Ctrl-C ends the worker, then the server, with exit 0', { timeout: 90_000 }, async () => {
  const { temporal } = await labUp({ checkout: process.cwd(), parts: ['temporal'] })
  const here = join(folder, 'dev')
  await mkdir(here)
  const estate =
    'registry: { address: 127.0.0.1:1, plainHttp: true }\nprojects:\n  shop: { repository: { url: /nowhere.git }, environments: {} }\n'
  await writeFile(join(here, 'estate.yaml'), estate)
  const [port, uiPort] = [await freePort(), await freePort()]
  const argv = [join(process.cwd(), 'bin/slipway.js'), 'dev', '--port', `${port}`, '--ui-port', `${uiPort}`]
  const env = { PATH: process.env['PATH'], HOME: folder, SLIPWAY_TEMPORAL: temporal.binary }
  const dev = spawn(process.execPath, argv, { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    let said = ''
    for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
    const ended = new Promise<number | null>((resolve) => dev.once('exit', resolve))
    await until(
      () => said,
      (text) => text.includes('worker is ready'),
      60_000,
    )
    expect(said).toContain(`UI        http://127.0.0.1:${uiPort}`)
    expect(await answers(port)).toBe(true)

    dev.kill('SIGINT')
    expect(await ended).toBe(0)
    // It could say to the server that it goes: the server was still there.
    expect(said).toContain('worker has ended')
    expect(said).not.toContain('ended by itself')
    expect(await answers(port)).toBe(false)
  } finally {
    dev.kill('SIGINT')
  }
})

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket.destroy() !== null))
    socket.once('error', () => resolve(false))
  })
}
