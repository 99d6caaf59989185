import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-bin-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function slipway(argv: readonly string[], options: { bin?: string; node?: readonly string[]; env?: Record<string, string> } = {}) {
  const began = Date.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [...(options.node ?? []), options.bin ?? 'bin/slipway.js', ...argv], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, ...options.env },
  })
  return { status, stdout, stderr, ms: Date.now() - began }
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('Temporal away: exit 5 within five seconds, one sentence and what to do', async () => {
  const address = `127.0.0.1:${await closedPort()}`
  const { status, stdout, stderr, ms } = slipway(['status', '--project', 'website'], { env: { TEMPORAL_ADDRESS: address } })
  expect(stderr).toBe(
    `cannot reach Temporal at ${address} (nobody answers); set TEMPORAL_ADDRESS or TEMPORAL_PROFILE to where it runs, or start one here\n  next: slipway dev\n`,
  )
  expect(stdout).toBe('')
  expect(status).toBe(5)
  expect(ms).toBeLessThan(5000)
})

test("Temporal's own configuration with a mistake is a usage error", () => {
  writeFileSync(join(folder, 'temporal.toml'), 'this is = no [toml')
  const { status, stderr } = slipway(['status', '--project', 'website'], { env: { TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml') } })
  expect(stderr).toContain("Temporal's own configuration cannot be used")
  expect(status).toBe(2)
})

test('an older Node says one sentence', () => {
  cpSync('bin', join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.0'}})`
  const { status, stdout, stderr } = slipway(['status'], { bin: join(folder, 'bin/slipway.js'), node: ['--import', older] })
  expect(stderr).toBe('slipway needs Node 22.13 or newer; this is Node 20.20.0\n')
  expect(stdout).toBe('')
  expect(status).toBe(1)
})

test('an older Node in a checkout takes the one that lies there, with arguments and exit code', () => {
  const older = `data:text/javascript,if(!process.env.TAKEN){process.env.TAKEN='1';Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.0'}});Object.defineProperty(process,'execPath',{value:'/old/node'})}`
  const { status, stderr } = slipway(['start', '1.0'], { node: ['--import', older] })
  expect(stderr).toBe('expected a version of three numbers such as 1.0.0, found "1.0"\n')
  expect(status).toBe(2)
})
