import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect } from '../../client/connect.ts'
import { connectTemporal } from '../../worker/connect.ts'
import { createLog } from '../../worker/log.ts'
import { startTemporal, type TemporalServer } from '../fakes/temporal-server.ts'
import { makeCertificates, startTlsProxy, type TlsProxy } from '../fakes/tls-proxy.ts'

/** The CLI and the worker reach a Temporal that wants TLS, a certificate and an API key, by the variables of every Temporal tool. */

let folder: string
let temporal: TemporalServer
let proxy: TlsProxy

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-tls-'))
  ;[temporal] = await Promise.all([startTemporal(), makeCertificates(folder)])
  proxy = await startTlsProxy(folder, temporal.address)
  await writeFile(
    join(folder, 'temporal.toml'),
    [
      '[profile.team]',
      `address = "${proxy.address}"`,
      'api_key = "key-of-the-profile"',
      '[profile.team.tls]',
      'server_name = "temporal.example"',
      `server_ca_cert_path = "${join(folder, 'ca.pem')}"`,
      `client_cert_path = "${join(folder, 'client.pem')}"`,
      `client_key_path = "${join(folder, 'client.key')}"`,
    ].join('\n'),
  )
})
afterAll(async () => {
  vi.unstubAllEnvs()
  proxy.close()
  await temporal.stop()
  await rm(folder, { recursive: true })
})

const server = () => ({
  TEMPORAL_ADDRESS: proxy.address,
  TEMPORAL_TLS_SERVER_NAME: 'temporal.example',
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'ca.pem'),
})
const variables = (client: string) => ({
  ...server(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, `${client}.pem`),
  TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, `${client}.key`),
})

test('by variables: the certificate is shown, and the API key is sent with every question', async () => {
  const { client, connection } = await connect({ ...variables('client'), TEMPORAL_API_KEY: 'key-of-the-variables' }, 5000)
  await client.workflowService.listNamespaces({})
  await connection.close()
  expect(proxy.seen.length).toBeGreaterThan(0)
  expect(new Set(proxy.seen)).toEqual(new Set(['Bearer key-of-the-variables']))
})

test('by a profile, the worker as well: both of its connections', async () => {
  proxy.seen.length = 0
  vi.stubEnv('TEMPORAL_CONFIG_FILE', join(folder, 'temporal.toml'))
  vi.stubEnv('TEMPORAL_PROFILE', 'team')
  const opened = await connectTemporal(createLog('silent'), {}, new AbortController().signal)
  await opened?.client.workflowService.listNamespaces({})
  await opened?.close()
  expect(new Set(proxy.seen)).toEqual(new Set(['Bearer key-of-the-profile']))
  expect(proxy.seen.length).toBeGreaterThan(1)
})

test.each([
  ['a certificate of a stranger', () => variables('other')],
  ['no certificate', () => ({ ...server(), TEMPORAL_TLS: 'true' })],
  ['another name than the certificate has', () => ({ ...variables('client'), TEMPORAL_TLS_SERVER_NAME: 'elsewhere.example' })],
  ['no TLS at all', () => ({ TEMPORAL_ADDRESS: proxy.address })],
])('refused with %s: one sentence, exit 5', async (_name, env) => {
  await expect(connect(env(), 2000)).rejects.toMatchObject({
    exit: 5,
    message: expect.stringMatching(/^cannot reach Temporal at 127\.0\.0\.1/),
  })
})
