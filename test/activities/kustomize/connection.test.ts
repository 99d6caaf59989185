import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect as connectSocket, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createConnect } from '../../../activities/kustomize/connection.ts'

/** What a server saw of one request. */
type Seen = { url: string; authorization: string | undefined; as: unknown; person: string | null; name: unknown }

let folder = ''
let plain: Server
let tls: ReturnType<typeof createTlsServer>
let seen: Seen[] = []
let sockets = 0
const at = (name: string) => join(folder, name)
const signal = AbortSignal.timeout(60_000)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-connection-'))
  for (const name of ['server', 'person', 'other']) await certificate(name)
  await writeFile(at('token'), 'from-file\n')
  plain = createServer((request, response) => response.end(note(request)))
  tls = createTlsServer(
    { cert: await readFile(at('server.crt')), key: await readFile(at('server.key')), requestCert: true, rejectUnauthorized: false },
    (request, response) => response.end(note(request)),
  )
  for (const server of [plain, tls]) {
    server.on(server === tls ? 'secureConnection' : 'connection', () => void sockets++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }
})
afterAll(async () => {
  for (const server of [plain, tls]) {
    server.close()
    server.closeAllConnections()
  }
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  seen = []
  sockets = 0
})

const plainCluster = () => `server: "${addressOf(plain, 'http')}", insecure-skip-tls-verify: true`
const tlsCluster = (more = 'certificate-authority: server.crt') =>
  `server: "${addressOf(tls, 'https')}/base/", tls-server-name: cluster, ${more}`

test.each([
  ['token: abc', 'Bearer abc'],
  ['tokenFile: token', 'Bearer from-file'],
  ['username: me, password: "p:w"', `Basic ${Buffer.from('me:p:w').toString('base64')}`],
  ['', undefined],
])('user {%s}', async (user, authorization) => {
  await ask(user)
  expect(seen).toMatchObject([{ url: '/version', authorization }])
})

test('a client certificate, the name of the server and its authority, its files relative to the kubeconfig', async () => {
  await ask('client-certificate: person.crt, client-key: person.key, as: deployer', tlsCluster())
  expect(seen).toMatchObject([{ url: '/base/version', person: 'person', as: 'deployer', name: 'cluster' }])
  const [cert, key, ca] = await Promise.all(
    ['person.crt', 'person.key', 'server.crt'].map(async (name) => await readFile(at(name), 'base64')),
  )
  await ask(`client-certificate-data: ${cert}, client-key-data: ${key}`, tlsCluster(`certificate-authority-data: ${ca}`))
  expect(seen[1]).toMatchObject({ person: 'person' })
})

test('a certificate that is not trusted, unless nobody shall look', async () => {
  const untrusted = { type: 'Refused', nonRetryable: true, message: expect.stringContaining('is not trusted') }
  await expect(ask('token: abc', tlsCluster('certificate-authority: other.crt'))).rejects.toMatchObject(untrusted)
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  try {
    await expect(ask('token: abc', tlsCluster('certificate-authority: other.crt'))).rejects.toMatchObject(untrusted)
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  }
  expect(seen).toEqual([])
  await ask('token: abc', tlsCluster('insecure-skip-tls-verify: true'))
  expect(seen).toHaveLength(1)
})

test('a credential plugin beside the kubeconfig: called as kubectl does, and once for many requests', async () => {
  await plugin(
    'get-token',
    `echo run >> ${at('runs')}\nprintf '{"status":{"token":"%s-%s"}}' "$1" "$A"\nprintf %s "$KUBERNETES_EXEC_INFO" > ${at('info')}`,
  )
  const kubernetes = await connect('exec: {apiVersion: v1x, command: ./get-token, args: [a], env: [{name: A, value: b}]}')
  await Promise.all([1, 2, 3].map(async () => await kubernetes.ask({ method: 'GET', path: '/version' })))
  expect(seen.map((each) => each.authorization)).toEqual(['Bearer a-b', 'Bearer a-b', 'Bearer a-b'])
  expect(await readFile(at('runs'), 'utf8')).toBe('run\n')
  expect(JSON.parse(await readFile(at('info'), 'utf8'))).toEqual({
    apiVersion: 'v1x',
    kind: 'ExecCredential',
    spec: { interactive: false },
  })
})

test('a credential that has expired is asked for again in the same activity', async () => {
  await plugin('brief', `printf '{"status":{"token":"%s","expirationTimestamp":"2020-01-01T00:00:00Z"}}' "$(date +%s%N)"`)
  const kubernetes = await connect('exec: {command: ./brief}')
  for (let n = 0; n < 2; n++) await kubernetes.ask({ method: 'GET', path: '/version' })
  expect(seen[0]?.authorization).not.toBe(seen[1]?.authorization)
})

test('one connection serves one activity after the other, and a changed kubeconfig is heeded', async () => {
  const open = createConnect({ kubeconfig: at('config') })
  const get = async (user: string) => {
    await writeKubeconfig(user, tlsCluster())
    await (await open(signal)).ask({ method: 'GET', path: '/version' })
  }
  await get('token: one')
  await get('token: one')
  await get('token: two')
  expect(seen.map((each) => each.authorization)).toEqual(['Bearer one', 'Bearer one', 'Bearer two'])
  expect(sockets).toBe(1)
  await get('client-certificate: person.crt, client-key: person.key')
  expect(seen[3]).toMatchObject({ authorization: undefined, person: 'person' })
  expect(sockets).toBe(2)
})

test('through a proxy, its connections kept too', async () => {
  const tunnels: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    tunnels.push(request.url ?? '')
    const { port } = tls.address() as AddressInfo
    const onward = connectSocket(port, '127.0.0.1', () => void socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.pipe(onward).pipe(socket)
    for (const end of [socket, onward]) end.on('error', () => end.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    const open = createConnect({ kubeconfig: at('config') })
    await writeKubeconfig('token: abc', `${tlsCluster()}, proxy-url: "${addressOf(proxy, 'http')}"`)
    for (let n = 0; n < 2; n++) await (await open(signal)).ask({ method: 'GET', path: '/version' })
    expect(seen).toMatchObject([{ authorization: 'Bearer abc' }, { authorization: 'Bearer abc' }])
    expect(tunnels).toEqual([new URL(addressOf(tls, 'https')).host])
  } finally {
    proxy.close()
    proxy.closeAllConnections()
  }
})

test.each([
  ['ftp', () => connect('', 'server: "ftp://x"'), /no http\(s\) address/],
  ['http', () => connect('token: abc', 'server: "http://127.0.0.1:9"'), /sends credentials in the open to http:\/\/127\.0\.0\.1:9/],
  ['no such context', () => connect('', plainCluster(), 'other'), /no context "other"; it has one, lost/],
  ['no such cluster', () => connect('', plainCluster(), 'lost'), /no cluster "gone", which context lost names/],
  [
    'no cluster address',
    () => connect('', 'insecure-skip-tls-verify: true'),
    /cannot be used \(clusters\[0\]\.cluster\.server is missing\)/,
  ],
  ['no token file', () => connect('tokenFile: nowhere'), /names the file nowhere, which cannot be read \(ENOENT\)/],
  [
    'no authority',
    () => connect('', tlsCluster('certificate-authority: nowhere')),
    /names the file \/\S+\/nowhere, which cannot be read \(ENOENT\)/,
  ],
  ['no kubeconfig', () => createConnect({ kubeconfig: '/nowhere/config' })(signal), /\/nowhere\/config cannot be read \(ENOENT\)/],
  ['nothing in it', () => connectText('\n'), /is not a kubeconfig/],
  ['no context at all', () => connectText('apiVersion: v1\n'), /has no current context: name one in the estate/],
  ['a plugin without words', () => connect('exec: now'), /cannot be used \(/],
  ['a plugin with wrong arguments', () => connect('exec: {command: printf, args: x}'), /cannot be used \(/],
  ['a token file that is none', () => connect('tokenFile: [x]'), /cannot be used \(/],
  ['no plugin', () => connect('exec: {command: slipway-no-such-plugin}'), /logs in with slipway-no-such-plugin, which is not installed/],
])('an unusable kubeconfig: %s', async (_name, attempt, words) => {
  await expect(attempt()).rejects.toMatchObject({ type: 'InvalidConfiguration', nonRetryable: true, message: expect.stringMatching(words) })
})

test('a kubeconfig that is not YAML is not quoted', async () => {
  const failure = await connectText('users:\n- name: u\n  user: {token: secret-canary\n').catch((error: Error) => error)
  expect(failure).toMatchObject({ type: 'InvalidConfiguration', message: expect.stringContaining('is not YAML') })
  expect(JSON.stringify([failure, String((failure as Error).cause)])).not.toContain('canary')
})

test.each(['echo secret-canary', `echo '{"kind":"ExecCredential"}'`])('a plugin that prints something else: %s', async (script) => {
  await plugin('wrong', script)
  const failure = await connect('exec: {command: ./wrong}').catch((error: Error) => error)
  expect(failure).toMatchObject({
    type: 'Refused',
    message: expect.stringContaining('/wrong did not print an ExecCredential with a status'),
  })
  expect(JSON.stringify([failure, String((failure as Error).cause)])).not.toContain('canary')
})

test('a plugin that fails may work later', async () => {
  await plugin('failing', 'echo starting >&2; echo the cloud is away >&2; exit 1')
  await expect(connect('exec: {command: ./failing}')).rejects.toMatchObject({
    type: 'Unavailable',
    nonRetryable: false,
    message: expect.stringMatching(/credential plugin \S+\/failing failed: the cloud is away$/),
  })
})

test('a cancelled attempt does not wait for the plugin', async () => {
  await plugin('slow', 'exec sleep 3')
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('cancelled')), 200)
  const startMs = performance.now()
  await writeKubeconfig('exec: {command: ./slow}', plainCluster())
  await expect(createConnect({ kubeconfig: at('config') })(controller.signal)).rejects.toThrow('cancelled')
  expect(performance.now() - startMs).toBeLessThan(2000)
})

test('a target that has nothing to do yet does not load the library', async () => {
  await writeKubeconfig('', plainCluster())
  const script = `
    import { registerHooks } from 'node:module'
    const asked = []
    registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) })
    const { createKustomizeTarget } = await import('./activities/kustomize/target.ts')
    const target = createKustomizeTarget({ cluster: { kubeconfig: process.argv[1] }, namespace: 'n' }, { environment: {}, stateFolder: '' })
    const loaded = () => asked.includes('@kubernetes/client-node')
    const before = loaded()
    await target.check({ signal: new AbortController().signal, heartbeat: () => {} }).catch(() => {})
    console.log(before, loaded())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, at('config')], {
    cwd: join(import.meta.dirname, '../../..'),
  })
  expect(stdout).toBe('false true\n')
})

async function ask(user: string, cluster = plainCluster()): Promise<void> {
  await (await connect(user, cluster)).ask({ method: 'GET', path: '/version' })
}

async function connect(user: string, cluster = plainCluster(), context?: string) {
  await writeKubeconfig(user, cluster)
  return await createConnect({ kubeconfig: at('config'), ...(context ? { context } : {}) })(signal)
}

async function connectText(text: string) {
  await writeFile(at('config'), text)
  return await createConnect({ kubeconfig: at('config') })(signal)
}

async function writeKubeconfig(user: string, cluster: string): Promise<void> {
  await writeFile(
    at('config'),
    `current-context: one\ncontexts: [{name: one, context: {cluster: c, user: u}}, {name: lost, context: {cluster: gone, user: u}}]\nclusters: [{name: c, cluster: {${cluster}}}]\nusers: [{name: u, user: {${user}}}]\n`,
  )
}

async function plugin(name: string, script: string): Promise<void> {
  await writeFile(at(name), `#!/bin/sh\n${script}\n`)
  await chmod(at(name), 0o755)
}

async function certificate(name: string): Promise<void> {
  const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:cluster']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...subject, ...files])
}

function note(request: IncomingMessage): string {
  const socket = request.socket as Partial<TLSSocket>
  const { authorization, 'impersonate-user': as } = request.headers
  const subject = socket.getPeerCertificate?.().subject
  seen.push({ url: request.url ?? '', authorization, as, person: (subject?.CN as string | undefined) ?? null, name: socket.servername })
  return '{}'
}

function addressOf(server: { address: Server['address'] }, protocol: string): string {
  return `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`
}
