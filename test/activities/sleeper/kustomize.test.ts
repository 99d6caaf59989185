import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActInput, HookActInput } from '../../../activities/deploy/target.ts'
import { fencePolicy } from '../../../client/entry.ts'
import type { Digest } from '../../../domain/digest.ts'
import { kustomizeBench, type Bench, type TestEnvironment } from '../kustomize/bench.ts'
import { configMap, overlay, webDeployment } from '../kustomize/overlays.ts'
import { apiProxy, type Asked } from './api-proxy.ts'
import { startSleeper } from './start.ts'

/**
 * A worker is stopped between its check of the fence and its write, and wakes after the next deployment. The first
 * test shows what the cluster does by itself, with the policy out of force, the others what it does with the policy: their order counts.
 */
let bench: Bench
let image: Digest

beforeAll(async () => {
  bench = await kustomizeBench()
  image = await bench.images.image(`${bench.id}/website`, bench.id)
  await applyPolicy('Audit')
}, 120_000)
afterAll(async () => {
  await applyPolicy('Audit')
  await bench.remove()
}, 60_000)

/** It is put out of force and never deleted: without its binding an API server looks at no ConfigMap for it ever again. */
async function applyPolicy(action: 'Deny' | 'Audit'): Promise<void> {
  await bench.kubectl(['apply', '-f', '-'], fencePolicy().replace('validationActions: [Deny]', `validationActions: [${action}]`))
}

function files(env: TestEnvironment, x: string, more: Record<string, string> = {}): Record<string, string> {
  return overlay(env.namespace, {
    'web.yaml': webDeployment(bench.id, 'website', { replicas: 0 }),
    'a.yaml': configMap('a', { x }),
    ...more,
  })
}

type IsMoment = (asked: Asked) => boolean

/** When deployment 2 has taken the fence. */
const takenFence: IsMoment = ({ method, path }) => method === 'PUT' && isFence(path)

/** When deployment 2 was told, for the last time before it acts, that the fence is its own: `then` has been seen before. */
function lookedAtFence(then: IsMoment): IsMoment {
  let due = false
  return (asked) => {
    if (due && asked.method === 'GET' && isFence(asked.path)) return true
    due ||= then(asked)
    return false
  }
}

const isFence = (path: string) => path.includes('/configmaps/slipway-fence.')

/** Deployment 2 falls asleep at that moment, something is done meanwhile, deployment 2 wakes up. */
async function asleep(env: TestEnvironment, input: ActInput | HookActInput, isMoment: IsMoment, meanwhile: () => Promise<unknown>) {
  let stopped = () => {}
  const isAsleep = new Promise<void>((resolve) => (stopped = resolve))
  let due = true
  const proxy = await apiProxy(
    bench.kubeconfig,
    (asked) => due && isMoment(asked),
    async () => {
      due = false
      await sleeper.stop()
      stopped()
    },
  )
  const kubeconfig = join(bench.stateFolder, `through-${env.namespace}`)
  await writeFile(kubeconfig, await throughProxy(proxy.address))
  const target = { kustomize: { kubeconfig, namespace: env.namespace, path: bench.path, stateFolder: bench.stateFolder } }
  const sleeper = startSleeper(target, input)
  try {
    await isAsleep
    const before = proxy.writes.length
    await meanwhile()
    sleeper.wake()
    return { end: await sleeper.end, writes: proxy.writes.slice(before) }
  } finally {
    sleeper.wake()
    proxy.close()
  }
}

/** Deployment 2 falls asleep with the fence in its hand, deployment 3 goes through, deployment 2 wakes up. */
async function oversleep() {
  const env = await bench.environment()
  await env.deploy(files(env, 'first'), { website: image }, 1)
  const content = await env.render(files(env, 'sleeper', { 'extra.yaml': configMap('extra', { x: 'sleeper' }) }), { website: image })
  const next = async () => await env.deploy(files(env, 'next'), { website: image }, 3)
  return { env, ...(await asleep(env, env.input(content, { website: image }, 2), takenFence, next)) }
}

/** Deployment 2 falls asleep between its last look at the fence and the start of its migration. */
async function oversleepTheStart(meanwhile: (env: TestEnvironment) => Promise<unknown>) {
  const env = await bench.environment()
  const given = env.input(Buffer.of(), { website: image }, 2)
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate' },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: `${bench.id}/website`, command: ['sh', '-c', 'echo migrated'] }],
        },
      },
    },
  }
  const content = await env.target.renderHook(
    { name: 'migrate', job: 'job.yaml', timeoutSeconds: 60 },
    { ...given, parts: {}, mirror: { readFile: async () => Buffer.from(JSON.stringify(job)) } as never },
    Buffer.of(),
    env.attempt,
  )
  const input = { ...given, hook: { name: 'migrate', content, timeoutSeconds: 60, run: 1 } }
  // The fence is made the same way, before the marks.
  let made = 0
  const isMoment = lookedAtFence(({ method, path }) => method === 'POST' && path.endsWith('/configmaps') && ++made === 2)
  return { env, ...(await asleep(env, input, isMoment, async () => await meanwhile(env))) }
}

async function throughProxy(server: string): Promise<string> {
  const text = await bench.kubectl(['config', 'view', '--raw', '--flatten', '--minify', '-o', 'json'])
  const config = JSON.parse(text) as { clusters: { cluster: object }[] }
  return JSON.stringify({
    ...config,
    clusters: config.clusters.map((each) => ({ ...each, cluster: { server, 'insecure-skip-tls-verify': true } })),
  })
}

const FENCED = {
  kind: 'failed',
  type: 'Fenced',
  message: expect.stringContaining('This is deployment 2.1 (epoch.attempt) of alpha, and 3.1 already holds its namespace'),
  details: { mine: { epoch: 2, attempt: 1 }, held: { epoch: 3, attempt: 1 } },
}

const read = async (env: TestEnvironment, what: string, path: string) =>
  await bench.kubectl(['-n', env.namespace, 'get', '--ignore-not-found', what, '-o', `jsonpath=${path}`])

async function expectUntouched(env: TestEnvironment): Promise<void> {
  expect(await read(env, 'configmap/a', '{.data.x} {.metadata.annotations.slipway/fence}')).toBe('next 3.1')
  expect(await read(env, 'deployment/website', '{.metadata.annotations.slipway/fence}')).toBe('3.1')
  const fence = JSON.parse(await read(env, `configmap/slipway-fence.${bench.id}.alpha`, '{.data}')) as object
  expect(fence).toMatchObject({ epoch: '3', attempt: '1', inventory: JSON.stringify(['v1/ConfigMap/a', 'apps/v1/Deployment/website']) })
}

test('without the policy: what is there is safe, what is missing can still be created, and doctor says so', async () => {
  const { env, end, writes } = await oversleep()
  expect(end).toMatchObject(FENCED)
  await expectUntouched(env)
  expect(writes).toContainEqual(expect.objectContaining({ path: expect.stringContaining('/configmaps/a?'), status: 409 }))
  expect(await read(env, 'configmap/extra', '{.data.x}')).toBe('sleeper')

  expect(await env.target.checkFence?.({ project: bench.id, environment: 'alpha' }, env.attempt)).toBe(
    'without the policy slipway-fence in force a sleeper can create an object that is not there; whoever may change policies closes that by: slipway policy | kubectl apply -f -',
  )
  const empty = await bench.environment()
  expect(await empty.target.checkFence?.({ project: bench.id, environment: 'alpha' }, empty.attempt)).toContain(
    'without the policy slipway-fence in force a sleeper',
  )
}, 60_000)

test('without the policy: a migration of an older deployment is gone when it is to be started', async () => {
  const { env, end, writes } = await oversleepTheStart(async (each) => await each.deploy(files(each, 'next'), { website: image }, 3))
  expect(end).toMatchObject(FENCED)
  expect(writes).toEqual([expect.objectContaining({ method: 'PATCH', path: expect.stringContaining('/jobs/migrate-2-1-'), status: 404 })])
  expect(await read(env, 'jobs,pods', '{.items[*].metadata.name}')).toBe('')
}, 60_000)

test('without the policy: what the sleeper no longer wants and the next one does is not deleted', async () => {
  const env = await bench.environment()
  const extra = (x: string) => ({ 'extra.yaml': configMap('extra', { x }) })
  await env.deploy(files(env, 'first', extra('first')), { website: image }, 1)
  const input = env.input(await env.render(files(env, 'sleeper'), { website: image }), { website: image }, 2)
  let taken = false
  const isMoment = lookedAtFence((asked) => {
    taken ||= takenFence(asked)
    return taken && asked.method === 'GET' && asked.path.includes('/configmaps/extra')
  })
  const next = async () => await env.deploy(files(env, 'next', extra('next')), { website: image }, 3)
  const { end, writes } = await asleep(env, input, isMoment, next)
  expect(end).toMatchObject(FENCED)
  expect(writes).toEqual([expect.objectContaining({ method: 'DELETE', path: expect.stringContaining('/configmaps/extra'), status: 409 })])
  expect(await read(env, 'configmap/extra', '{.data.x}')).toBe('next')
}, 60_000)

test('the policy is applied as it is printed, and doctor sees it at work', async () => {
  await applyPolicy('Deny')
  const env = await bench.environment()
  const owner = { project: bench.id, environment: 'alpha' }
  expect(await env.target.checkFence?.(owner, env.attempt)).toBe('no deployment yet; the policy slipway-fence is there')
  await env.deploy(files(env, 'first'), { website: image }, 1)
  const startMs = performance.now()
  const guarded = 'the cluster refuses what is older than 1.1, by its policy slipway-fence'
  // A policy is in force some moments after it was written.
  while ((await env.target.checkFence?.(owner, env.attempt)) !== guarded) {
    expect(performance.now() - startMs).toBeLessThan(20_000)
    await sleep(200)
  }
  expect(await bench.kubectl(['-n', env.namespace, 'get', 'configmap', '-o', 'name'])).not.toContain('trial')
}, 60_000)

test('with the policy the cluster refuses the sleeper, on what is there and on what is missing', async () => {
  const { env, end, writes } = await oversleep()
  expect(end).toMatchObject(FENCED)
  await expectUntouched(env)
  expect(writes).toContainEqual(expect.objectContaining({ path: expect.stringContaining('/configmaps/extra?'), status: 403 }))
  expect(await read(env, 'configmap/extra', '{.data.x}')).toBe('')
}, 60_000)

test('with the policy the cluster refuses to start a migration of an older deployment', async () => {
  const { env, end, writes } = await oversleepTheStart(async (each) => {
    // As in the moment between the next one's taking the fence and its taking the Job away.
    const younger = JSON.stringify({ data: { epoch: '3' } })
    await bench.kubectl(['-n', each.namespace, 'patch', 'configmap', `slipway-fence.${bench.id}.alpha`, '--type=merge', '-p', younger])
    // The API server reads fences from a cache that is some moments behind.
    await sleep(1_000)
  })
  expect(end).toMatchObject(FENCED)
  expect(writes).toEqual([expect.objectContaining({ method: 'PATCH', path: expect.stringContaining('/jobs/migrate-2-1-'), status: 403 })])
  expect(await read(env, 'pods', '{.items[*].metadata.name}')).toBe('')
  const job = (await read(env, 'jobs', '{.items[*].metadata.name}')).trim()
  // A person's word does not start it either.
  const byHand = bench.kubectl(['-n', env.namespace, 'patch', 'job', job, '--type=merge', '-p', '{"spec":{"suspend":false}}'])
  await expect(byHand).rejects.toThrow('is older than 3.1')
  await env.deploy(files(env, 'next'), { website: image }, 4)
  expect(await read(env, 'jobs', '{.items[*].metadata.name}')).toBe('')
}, 60_000)

test('numbers are compared as numbers, the epoch first, and an epoch belongs to one deployment', async () => {
  const env = await bench.environment()
  const [mine, others] = ['a'.repeat(12), 'b'.repeat(12)]
  await env.deploy(files(env, 'first'), { website: image }, 9, { fence: { epoch: 9, attempt: 10, identity: mine } })
  const make = async (token: string, environment = 'alpha', identity: string | null = null) => {
    const annotations = {
      'slipway/project': bench.id,
      'slipway/environment': environment,
      'slipway/fence': token,
      ...(identity === null ? {} : { 'slipway/identity': identity }),
    }
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made', annotations } }
    return await bench
      .kubectl(['-n', env.namespace, 'create', '--dry-run=server', '-o', 'name', '-f', '-'], JSON.stringify(object))
      .catch(String)
  }
  for (const token of ['9.10', '9.11', '10.1', '100.0']) expect(await make(token)).toContain('configmap/made')
  for (const token of ['9.9', '9.2', '8.99', '1.1'])
    expect(await make(token)).toContain(`deployment ${token} (epoch.attempt) is older than 9.10`)
  expect(await make('nonsense')).toContain('slipway-fence')
  // The same epoch may have been given to two deployments, when Temporal was put back from a backup.
  for (const token of ['9.10', '9.11']) {
    expect(await make(token, 'alpha', mine)).toContain('configmap/made')
    expect(await make(token, 'alpha', others)).toContain(`deployment ${token} of ${others} (epoch.attempt) is not 9.10 of ${mine}`)
  }
  expect(await make('10.1', 'alpha', others)).toContain('configmap/made')
  await expect(
    env.deploy(files(env, 'another'), { website: image }, 9, { fence: { epoch: 9, attempt: 11, identity: others } }),
  ).rejects.toMatchObject({ type: 'Fenced', details: [{ held: { epoch: 9, attempt: 10, identity: mine } }] })
  // Another environment of the namespace has a fence of its own, or none yet.
  expect(await make('1.1', 'beta')).toContain('configmap/made')
}, 60_000)

test("with the policy people and controllers change objects that an older deployment wrote, and a Deployment's new ReplicaSet comes up", async () => {
  const env = await bench.environment()
  const running = overlay(env.namespace, { 'web.yaml': webDeployment(bench.id, 'website') })
  await env.deploy(running, { website: image }, 1)
  const fence = `slipway-fence.${bench.id}.alpha`
  await bench.kubectl(['-n', env.namespace, 'patch', 'configmap', fence, '--type=merge', '-p', '{"data":{"epoch":"7"}}'])
  await bench.kubectl(['-n', env.namespace, 'rollout', 'restart', 'deployment/website'])
  await bench.kubectl(['-n', env.namespace, 'rollout', 'status', 'deployment/website', '--timeout=30s'])
  await bench.kubectl(['-n', env.namespace, 'label', 'deployment/website', 'by=hand'])
  expect((await env.deploy(running, { website: image }, 8)).observed).toContain(`website runs ${image}`)
}, 60_000)
