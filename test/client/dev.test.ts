import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverArgv } from '../../client/dev/server-argv.ts'
import { temporalBinary } from '../../client/dev/temporal-binary.ts'
import { packageVersion, workerEntry } from '../../client/entry.ts'

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
