import { cp, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LabEnv } from '../../lab/env.ts'
import { layoutOf } from '../../lab/layout.ts'
import { ask, banner } from '../../lab/machine/probe.ts'
import { findProcesses } from '../../lab/machine/process.ts'
import { run } from '../../lab/machine/run.ts'
import { labStatus } from '../../lab/status.ts'
import { labUp } from '../../lab/up.ts'

const here = join(import.meta.dirname, '..', '..')
const minutes = 60_000

let first: LabEnv
let second: LabEnv
let other: string

/** The second checkout's own command, as a person would run it there. */
async function lab(...args: string[]): Promise<string> {
  const node = join(other, 'node_modules', '.bin', 'node')
  return await run([node, join(other, 'lab', 'main.ts'), ...args], { cwd: other, env: { DOCKER_HOST: '', TEMPORAL_ADDRESS: '' } })
}

beforeAll(async () => {
  first = await labUp({ checkout: here, forge: true })
  other = await mkdtemp(join(tmpdir(), 'second-checkout-'))
  await cp(join(here, 'lab'), join(other, 'lab'), { recursive: true })
  await symlink(join(here, 'node_modules'), join(other, 'node_modules'))
  await lab('up', '--own', '--forge')
  second = JSON.parse(await lab('env', '--json')) as LabEnv
}, 30 * minutes)

afterAll(async () => {
  await lab('reset')
  await rm(other, { recursive: true })
}, 2 * minutes)

test('nothing that one lab is reached at is the other lab’s', () => {
  const places = ({ engine, registry, ssh, git, kubernetes, temporal, forge, hostPorts }: LabEnv) =>
    [
      engine.socket,
      registry.address,
      ssh.port,
      ssh.user,
      git.base,
      kubernetes.server,
      temporal.address,
      temporal.uiAddress,
      forge.url,
      forge.tokenFile,
      hostPorts.from,
    ].map(String)
  expect(places(second).filter((place) => places(first).includes(place))).toEqual([])
})

test(
  'every part of both answers',
  async () => {
    for (const env of [first, second]) await askEveryPart(env)
  },
  minutes,
)

test(
  'both serve a workload each at the same NodePort, and a published port each',
  async () => {
    await Promise.all([first, second].map((env) => deploy(env)))
    for (const env of [first, second]) {
      await expect.poll(() => page(env.kubernetes.nodeAddress ?? '', 30_997), { timeout: minutes }).toBe(`pod of ${env.id}\n`)
      await expect.poll(() => publishedBy(env), { timeout: minutes }).toBe(`container of ${env.id}\n`)
    }
  },
  3 * minutes,
)

test('up again is a question of a second', async () => {
  const started = Date.now()
  await lab('up')
  expect(Date.now() - started).toBeLessThan(5_000)
})

test(
  'a part that was killed comes back',
  async () => {
    const registry = (await labStatus(other)).find(({ name }) => name === 'registry')
    process.kill(registry?.pids[0] ?? 0, 'SIGKILL')
    await expect.poll(async () => (await labStatus(other)).find(({ name }) => name === 'registry')?.up).toBe(false)
    await lab('up')
    expect((await labStatus(other)).every(({ up }) => up)).toBe(true)
  },
  minutes,
)

test(
  'the second goes down and leaves nothing; the first goes on as before',
  async () => {
    const before = await labStatus(here)
    await lab('down')
    expect(await traces(second)).toEqual([])
    const after = await labStatus(here)
    expect(after.every(({ up }) => up)).toBe(true)
    expect(after.map(({ pids }) => pids)).toEqual(before.map(({ pids }) => pids))
    await askEveryPart(first)
    expect(await page(first.kubernetes.nodeAddress ?? '', 30_997)).toBe(`pod of ${first.id}\n`)
    expect(await page('127.0.0.1', first.hostPorts.to)).toBe(`container of ${first.id}\n`)
    await undeploy(first)
  },
  2 * minutes,
)

test(
  'with its data it comes back',
  async () => {
    await lab('up')
    await expect.poll(() => page(second.kubernetes.nodeAddress ?? '', 30_997), { timeout: minutes }).toBe(`pod of ${second.id}\n`)
  },
  2 * minutes,
)

async function askEveryPart(env: LabEnv): Promise<void> {
  const [registryHost = '', registryPort = ''] = env.registry.address.split(':')
  expect((await ask({ socketPath: env.engine.socket, path: '/_ping' }))?.status).toBe(200)
  expect((await ask({ host: registryHost, port: registryPort, path: '/v2/lab/busybox/tags/list' }))?.body).toContain('"1"')
  expect(await banner(env.ssh.host, env.ssh.port)).toContain('SSH-2.0')
  expect(await overSsh(env, 'docker-compose version --short; kubectl get node -o name; kustomize version')).toMatch(
    /^1\..*\nnode\/lab\nv5\./,
  )
  expect(await run([env.temporal.binary, 'operator', 'search-attribute', 'list', '--address', env.temporal.address])).toContain(
    'SlipwayPhase',
  )
  expect((await fetch(env.temporal.uiAddress ?? '')).status).toBe(200)
  expect(await forgeUserOf(env)).toBe(env.forge.user)
}

async function forgeUserOf({ forge }: LabEnv): Promise<unknown> {
  const authorization = `token ${(await readFile(forge.tokenFile, 'utf8')).trim()}`
  const answer = await fetch(`${forge.url}/api/v1/user`, { headers: { authorization } })
  return ((await answer.json()) as { login?: unknown }).login
}

async function overSsh({ ssh }: LabEnv, command: string): Promise<string> {
  const options = ['-o', `UserKnownHostsFile=${ssh.knownHostsFile}`, '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes']
  return await run(['ssh', '-F', '/dev/null', ...options, '-p', String(ssh.port), '-i', ssh.keyFile, `${ssh.user}@${ssh.host}`, command])
}

const namespace = 'two-labs'
const serve = (what: string) => `echo ${what} > /tmp/index.html; trap exit TERM; httpd -f -p 8080 -h /tmp & wait`

async function deploy(env: LabEnv): Promise<void> {
  const container = { name: 'web', image: env.images.busybox, command: ['sh', '-c', serve(`pod of ${env.id}`)] }
  const labels = { app: 'web' }
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: 30_997 }] },
    },
  ]
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await run([env.kubernetes.kubectl, '--kubeconfig', env.kubernetes.kubeconfig, 'apply', '-f', '-'], { input })
  const publish = `127.0.0.1:${env.hostPorts.to}:8080`
  await overSsh(
    env,
    `docker rm -f two-labs >/dev/null 2>&1; docker run -d --restart always --name two-labs -p ${publish} ${env.images.busybox} sh -c '${serve(`container of ${env.id}`)}'`,
  )
}

async function undeploy(env: LabEnv): Promise<void> {
  await run([env.kubernetes.kubectl, '--kubeconfig', env.kubernetes.kubeconfig, 'delete', 'namespace', namespace])
  await overSsh(env, 'docker rm -f two-labs')
}

/** What the published port serves; where nothing does, what became of the container. */
async function publishedBy(env: LabEnv): Promise<string> {
  return (
    (await page('127.0.0.1', env.hostPorts.to)) ??
    (await overSsh(env, 'docker ps -a --filter name=two-labs; docker logs two-labs 2>&1 | tail'))
  )
}

async function page(host: string, port: number): Promise<string | undefined> {
  return (await ask({ host, port, path: '/index.html' }))?.body
}

/** Whatever on this machine still bears the lab's name or addresses. */
async function traces(env: LabEnv): Promise<string[]> {
  const { network } = layoutOf(env.checkout, Number(env.kubernetes.nodeAddress?.split('.')[1]) - 192)
  const prefix = network.node.address.split('.').slice(0, 2).join('.')
  const marks = [env.id, env.checkout]
  const bearing = (text: string) => text.split('\n').filter((line) => marks.some((mark) => line.includes(mark)))
  const processes = await findProcesses(
    (argv) => argv.some((word) => marks.some((mark) => word.includes(mark))) && !argv.includes('vitest'),
  )
  const links = Object.entries(networkInterfaces()).filter(
    ([name, list]) => name.includes(env.id) || list?.some(({ address }) => address.startsWith(`${prefix}.`)),
  )
  const listed = await Promise.all(
    [
      '/run',
      '/run/netns',
      '/sys/class/net',
      '/sys/fs/cgroup',
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup/pids',
      '/var/lib/cni/results',
      '/var/log/containers',
    ].map((folder) => readdir(folder).catch(() => [])),
  )
  return [
    ...processes.map(({ pid }) => `process ${pid}`),
    ...links.map(([name]) => `interface ${name}`),
    ...bearing(await readFile('/proc/mounts', 'utf8')),
    ...bearing(await readFile('/etc/passwd', 'utf8')),
    ...bearing(await readFile('/etc/group', 'utf8')),
    ...bearing(await run(['iptables', '-S'])),
    ...bearing(await run(['iptables', '-t', 'nat', '-S'])),
    ...bearing(listed.flat().join('\n')),
  ]
}
