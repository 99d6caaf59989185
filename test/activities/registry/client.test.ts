import type { RequestListener } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createRegistry, digestOf } from '../../../activities/registry/client.ts'
import { OCI_MANIFEST } from '../../../activities/registry/media-types.ts'
import type { RegistryEstate } from '../../../config/estate-schema.ts'
import { basic, fake, type Fake } from './fake.ts'

const USER = { username: { env: 'REGISTRY_USER' }, password: { env: 'REGISTRY_PASSWORD' } }
const PASSWORD = 'canary-7f3a'
const environment = { REGISTRY_USER: 'ci', REGISTRY_PASSWORD: PASSWORD }
const sources = { environment, readFile: async () => '' }
const signal = new AbortController().signal
const manifest = Buffer.from('{"schemaVersion":2}')
const digest = digestOf(manifest)

const open: Fake[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => await each.close()))
})

async function registryOf(answer: RequestListener, credentials?: RegistryEstate['credentials']) {
  const server = await fake(answer)
  open.push(server)
  return {
    server,
    registry: createRegistry({ address: server.address, plainHttp: true, ...(credentials ? { credentials } : {}) }, sources),
  }
}

const status =
  (code: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_, to) =>
    to.writeHead(code, headers).end(body)

test.each([
  [401, { type: 'Refused', nonRetryable: true, message: expect.stringContaining('Set registry.credentials') }],
  [403, { type: 'Refused', nonRetryable: true, message: expect.stringContaining('does not allow to look up eap/website:v1') }],
  [429, { type: 'Unavailable', nonRetryable: false, message: expect.stringContaining('asks to wait 7 s') }],
  [500, { type: 'Unavailable', nonRetryable: false, message: expect.stringContaining('answered 500') }],
  [503, { type: 'Unavailable', nonRetryable: false }],
])('an answer of %i', async (code, failure) => {
  const { registry } = await registryOf(status(code, '', { 'www-authenticate': 'Basic realm="x"', 'retry-after': '7' }))
  await expect(registry.resolve('eap/website', 'v1', signal)).rejects.toMatchObject(failure)
})

test.each([400, 405, 409, 412, 422])('a manifest that is not taken, with %i, is not sent for ever', async (code) => {
  const { registry } = await registryOf(status(code, '{"errors":[{"code":"TAG_IMMUTABLE","message":"v1 is immutable"}]}'))
  const written = registry.writeManifest('eap/website', 'v1', { mediaType: OCI_MANIFEST, bytes: manifest }, signal)
  await expect(written).rejects.toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message: expect.stringContaining('does not write the manifest eap/website:v1. It said: TAG_IMMUTABLE: v1 is immutable.'),
  })
})

test('what is not there is null', async () => {
  const { registry } = await registryOf(status(404, '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'))
  expect(await registry.resolve('eap/website', 'v1', signal)).toBeNull()
  expect(await registry.readManifest('eap/website', 'v1', signal)).toBeNull()
  expect(await registry.readBlob('eap/website', digest, signal)).toBeNull()
  expect(await registry.hasBlob('eap/website', digest, signal)).toBe(false)
  expect(await registry.deleteManifest('eap/website', digest, signal)).toBe(false)
})

test('a registry that is away is transient and named', async () => {
  const { server, registry } = await registryOf(status(200))
  await server.close()
  await expect(registry.resolve('eap/website', 'v1', signal)).rejects.toMatchObject({
    nonRetryable: false,
    message: `the registry at ${server.address} is not reachable: ECONNREFUSED`,
  })
})

test('what is full says so', async () => {
  const { registry } = await registryOf(status(500, '{"errors":[{"code":"UNKNOWN","message":"write: no space left on device"}]}'))
  await expect(registry.writeBlob('eap/website', manifest, signal)).rejects.toMatchObject({
    nonRetryable: false,
    message: expect.stringContaining('no space left'),
  })
})

test('other bytes than the digest says are not used', async () => {
  const { registry } = await registryOf((_, to) => to.writeHead(200, { 'docker-content-digest': digest }).end('{"schemaVersion":3}'))
  await expect(registry.readManifest('eap/website', 'v1', signal)).rejects.toMatchObject({
    message: expect.stringContaining('gave other bytes'),
  })
  await expect(registry.readManifest('eap/website', digest, signal)).rejects.toMatchObject({
    message: expect.stringContaining('gave other bytes'),
  })
  await expect(registry.readBlob('eap/website', digest, signal)).rejects.toMatchObject({
    message: expect.stringContaining('gave other bytes'),
  })
})

test('a registry that does not tell a digest is read instead', async () => {
  const { registry } = await registryOf((_, to) => to.writeHead(200, { 'content-type': OCI_MANIFEST }).end(manifest))
  expect(await registry.resolve('eap/website', 'v1', signal)).toBe(digest)
})

test('cancelling ends a request that hangs, with the reason', async () => {
  const { registry } = await registryOf(() => {})
  const controller = new AbortController()
  const asked = registry.resolve('eap/website', 'v1', controller.signal)
  setTimeout(() => controller.abort(new Error('cancelled by a test')), 30)
  await expect(asked).rejects.toThrow('cancelled by a test')
})

test('a body that never ends is cancelled, too', async () => {
  const { registry } = await registryOf((_, to) => void to.writeHead(200).write('{'))
  const controller = new AbortController()
  const asked = registry.readManifest('eap/website', 'v1', controller.signal)
  setTimeout(() => controller.abort(new Error('cancelled by a test')), 30)
  await expect(asked).rejects.toThrow('cancelled by a test')
})

test('Basic: the password goes out only when it is asked for, and then at once', async () => {
  const { server, registry } = await registryOf((from, to) => {
    if (from.headers.authorization === basic('ci', PASSWORD)) to.writeHead(200, { 'docker-content-digest': digest }).end()
    else to.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end()
  }, USER)
  expect(await registry.resolve('eap/website', 'v1', signal)).toBe(digest)
  expect(await registry.resolve('eap/api', 'v1', signal)).toBe(digest)
  expect(server.seen.map((each) => each.authorization !== null)).toEqual([false, true, true])
})

test('a refused password is permanent, and in no message', async () => {
  const { registry } = await registryOf(
    status(401, '{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}', { 'www-authenticate': 'Basic realm="x"' }),
    USER,
  )
  const failure = await registry.resolve('eap/website', 'v1', signal).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message: expect.stringContaining('Check the user name and the password'),
  })
  expect(String((failure as Error).stack)).not.toContain(PASSWORD)
})

test('a password that is not set is named by its variable', async () => {
  const { registry } = await registryOf(status(401, '', { 'www-authenticate': 'Basic realm="x"' }), {
    ...USER,
    password: { env: 'NOT_SET' },
  })
  await expect(registry.resolve('eap/website', 'v1', signal)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('"NOT_SET"'),
  })
})

test('Bearer: a token for the scope, kept while it lasts', async () => {
  const { server, registry } = await registryOf((from, to) => {
    if (from.url?.startsWith('/token')) {
      const good = from.headers.authorization === basic('ci', PASSWORD)
      to.writeHead(good ? 200 : 401).end(good ? '{"token":"abc.def","expires_in":300}' : '')
    } else if (from.headers.authorization === 'Bearer abc.def') to.writeHead(200, { 'docker-content-digest': digest }).end()
    else
      to.writeHead(401, {
        'www-authenticate': `Bearer realm="http://${from.headers.host}/token",service="the registry",scope="repository:eap/website:pull"`,
      }).end()
  }, USER)
  await registry.resolve('eap/website', 'v1', signal)
  await registry.resolve('eap/website', 'v2', signal)
  expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'HEAD /v2/eap/website/manifests/v1',
    'GET /token?service=the+registry&scope=repository%3Aeap%2Fwebsite%3Apull',
    'HEAD /v2/eap/website/manifests/v1',
    'HEAD /v2/eap/website/manifests/v2',
  ])
})

test('Bearer: a token server that refuses is permanent, one that is broken is not', async () => {
  let code = 401
  const { registry } = await registryOf((from, to) => {
    if (from.url?.startsWith('/token')) to.writeHead(code).end('{"details":"incorrect username or password"}')
    else to.writeHead(401, { 'www-authenticate': `Bearer realm="http://${from.headers.host}/token"` }).end()
  }, USER)
  await expect(registry.resolve('eap/website', 'v1', signal)).rejects.toMatchObject({
    type: 'Refused',
    message: expect.stringContaining('incorrect username or password'),
  })
  code = 502
  await expect(registry.resolve('eap/website', 'v1', signal)).rejects.toMatchObject({ nonRetryable: false })
})

test('no password goes to a token server without https', async () => {
  const thief = await fake(status(200, '{"token":"x"}'))
  open.push(thief)
  const server = await fake((_, to) => to.writeHead(401, { 'www-authenticate': `Bearer realm="http://${thief.address}/token"` }).end())
  open.push(server)
  const { createAuthorizer } = await import('../../../activities/registry/authorize.ts')
  const authorizer = createAuthorizer({
    address: server.address,
    plainHttp: false,
    login: async () => ({ kind: 'password', username: 'ci', password: PASSWORD }),
    now: Date.now,
  })
  await expect(authorizer.learn(`Bearer realm="http://${thief.address}/token"`, 'eap/website', 'pull', signal)).rejects.toMatchObject({
    type: 'Refused',
    message: expect.stringContaining('No password was sent'),
  })
  expect(thief.seen).toEqual([])
})

test('a redirect to another host is followed without the login', async () => {
  const elsewhere = await fake((_, to) => to.writeHead(200).end(manifest))
  open.push(elsewhere)
  const { server, registry } = await registryOf((from, to) => {
    if (!from.headers.authorization) to.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    else to.writeHead(307, { location: `http://${elsewhere.address}/blob?signature=1` }).end('moved')
  }, USER)
  expect(await registry.readBlob('eap/website', digest, signal)).toEqual(manifest)
  expect(server.seen.at(-1)?.authorization).toBe(basic('ci', PASSWORD))
  expect(elsewhere.seen).toEqual([{ method: 'GET', url: '/blob?signature=1', authorization: null }])
})

test('an upload that the registry sends elsewhere goes there without the login', async () => {
  const elsewhere = await fake((from, to) => void from.resume().on('end', () => to.writeHead(201).end()))
  open.push(elsewhere)
  const { registry } = await registryOf((from, to) => {
    if (!from.headers.authorization) to.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    else to.writeHead(202, { location: `http://${elsewhere.address}/upload?state=1` }).end()
  }, USER)
  await registry.writeBlob('eap/website', manifest, signal)
  expect(elsewhere.seen).toEqual([{ method: 'PUT', url: `/upload?state=1&digest=${encodeURIComponent(digest)}`, authorization: null }])
})

test.each(['Eap/website', '../x', 'a b', ''])('the repository %j is refused before anything is asked', async (repository) => {
  const { server, registry } = await registryOf(status(200))
  await expect(registry.resolve(repository, 'v1', signal)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
  await expect(registry.resolve('eap/website', '../../x', signal)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
  expect(server.seen).toEqual([])
})
