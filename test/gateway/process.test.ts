import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../fakes/temporal-server.ts'
import { askOverTls, makeCertificate } from './certificate.ts'
import { fromGithub, SECRETS } from './signed.ts'

/** The command as an operator starts it. */
const root = join(import.meta.dirname, '..', '..')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-gateway-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function estate(name: string, gateway: string): Promise<string> {
  const file = join(folder, name)
  const project = '{ repository: { url: /srv/x.git }, webhooks: { github: { secret: { env: GITHUB } } }, environments: {} }'
  await writeFile(file, `registry: { address: 'registry.example:5000' }\n${gateway}projects: { website: ${project} }\n`)
  return file
}

const slipway = (...args: string[]) =>
  execa(process.execPath, [join(root, 'bin', 'slipway.js'), 'gateway', ...args], {
    reject: false,
    env: { GITHUB: SECRETS.github, TEMPORAL_ADDRESS: '127.0.0.1:1' },
  })

test('serves by the certificate that the estate names until it is told to end, though Temporal is away', async () => {
  const [port, metrics] = await Promise.all([freePort(), freePort()])
  const { cert } = await makeCertificate(folder)
  // Beside the estate's file, wherever it was started.
  const file = await estate('estate.yaml', 'gateway: { tls: { certificateFile: cert.pem, keyFile: key.pem } }\n')
  const running = slipway('--estate', file, '--', '--listen', `127.0.0.1:${port}`, '--metrics', `127.0.0.1:${metrics}`)
  const url = `https://127.0.0.1:${port}`
  await expect.poll(() => askOverTls(`${url}/healthz`, cert), { timeout: 40_000 }).toBe(200)
  expect(await askOverTls(`${url}/hooks/website/github`, cert, fromGithub('push'))).toBe(202)
  expect(await askOverTls(`${url}/healthz`, cert, null, { ca: [] })).toContain('self-signed certificate')
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed')
  expect((await fetch(`http://127.0.0.1:${metrics}/metrics`)).status).toBe(200)
  running.kill('SIGTERM')
  const { exitCode, stdout, stderr } = await running
  expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0, stderr: '' })
  expect(stdout).not.toContain(SECRETS.github)
})

test('without a gateway in the estate it says so; beside others it stays away', async () => {
  const file = await estate('none.yaml', '')
  const alone = await slipway('--estate', file)
  expect([alone.exitCode, alone.stderr]).toEqual([2, `${file} has no gateway; add "gateway: {}" to it, and webhooks to its projects`])
  expect((await slipway('--estate', file, '--', '--where-configured')).exitCode).toBe(0)
})
