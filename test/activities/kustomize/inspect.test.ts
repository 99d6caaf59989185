import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Drift } from '../../../domain/environment/drift.ts'
import type { Digest } from '../../../domain/digest.ts'
import { configMap, overlay, webDeployment } from './overlays.ts'
import { kustomizeBench, type Bench, type TestEnvironment } from './bench.ts'

let bench: Bench
let image: Digest
let env: TestEnvironment
let content: Buffer

/** As people write them: quantities that the server spells otherwise, ports without a protocol, nothing that it sets by default. */
const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: {name: website}\nspec: {selector: {app: website}, ports: [{port: 80, targetPort: 8080}]}\n'
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: canary-one}\ndata: {user: YW5uZQ==}\n'
const CRON =
  'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\nspec: {schedule: "0 3 * * *", suspend: true, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox, resources: {limits: {memory: 0.5Gi, cpu: 1000m}}}]}}}}}\n'
const WITHOUT_REPLICAS =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: elastic}\nspec: {selector: {matchLabels: {app: elastic}}, template: {metadata: {labels: {app: elastic}}, spec: {containers: [{name: main, image: busybox, resources: {requests: {cpu: 0.010}}}]}}}\n'

const kubectl = (...args: string[]) => bench.kubectl(['-n', env.namespace, ...args])
const inspect = async (): Promise<readonly Drift[]> => {
  const { project, environment, candidate, tag, registry } = env.input(content, { website: image }, 1)
  return await env.target.inspect!({ project, environment, candidate, tag, registry, content, epoch: 1 }, env.attempt)
}
/** Puts there again what was applied, as a person would who lets Slipway do it. */
const mended = async () => {
  await env.target.apply(env.input(content, { website: image }, 1, { fence: { epoch: 1, attempt: 99 }, takeBack: true }), env.attempt)
  expect(await inspect()).toEqual([])
}

beforeAll(async () => {
  bench = await kustomizeBench()
  image = await bench.images.image(`${bench.id}/website`, bench.id)
  env = await bench.environment()
  const web = webDeployment(bench.id, 'website', { replicas: 0, image: `${bench.id}/website`, env: { LEVEL: 'info' } })
  const files = {
    'web.yaml': web,
    'service.yaml': SERVICE,
    'secret.yaml': SECRET,
    'cron.yaml': CRON,
    'elastic.yaml': WITHOUT_REPLICAS,
    'a.yaml': configMap('a', { x: '1', y: '2' }),
  }
  content = await env.render(overlay(env.namespace, files), { website: image })
  await env.target.apply(env.input(content, { website: image }, 1), env.attempt)
}, 120_000)
afterAll(async () => await bench.remove(), 60_000)

test('what the server sets by default or spells otherwise is no drift, nor is what Slipway does not decide', async () => {
  expect(await inspect()).toEqual([])
  await kubectl('scale', 'deployment/elastic', '--replicas=0')
  await kubectl('label', 'deployment/website', 'team=shop')
  await kubectl('set', 'env', 'deployment/elastic', 'EXTRA=1')
  await kubectl('patch', 'configmap/a', '--type=merge', '-p', '{"data":{"other":"z"}}')
  expect(await inspect()).toEqual([])
}, 60_000)

test('a field that was scaled or edited, with who did it and when, and put back against whoever has it now', async () => {
  const before = Math.floor(Date.now() / 1000) * 1000
  await kubectl('scale', 'deployment/website', '--replicas=1')
  await kubectl('patch', 'configmap/a', '--type=merge', '-p', '{"data":{"x":"9"}}', '--field-manager=somebody')
  const found = await inspect()
  expect(found).toMatchObject([
    { object: 'configmap/a', field: '.data.x', expected: '1', found: '9', by: 'somebody' },
    // The server keeps no time of what was scaled.
    { object: 'deployment/website', field: '.spec.replicas', expected: '0', found: '1', by: 'kubectl (scale)' },
  ])
  expect(found[0]?.at).toBeGreaterThanOrEqual(before)
  const again = env.input(content, { website: image }, 1, { fence: { epoch: 1, attempt: 2 } })
  await expect(env.target.apply(again, env.attempt)).rejects.toMatchObject({ type: 'Conflict' })
  await mended()
  expect(await kubectl('get', 'configmap/a', '-o', 'jsonpath={.data}')).toBe('{"other":"z","x":"1","y":"2"}')
}, 60_000)

test('an image, an environment variable and a mark that somebody else set or took away by hand', async () => {
  await kubectl('set', 'image', 'deployment/website', 'main=busybox')
  await kubectl('set', 'env', 'deployment/website', 'LEVEL=canary-two')
  await kubectl('annotate', 'configmap/a', 'slipway/environment-')
  const found = await inspect()
  expect(found.map(({ object, field, found: there, by }) => [object, field, there, by])).toEqual([
    ['configmap/a', '.metadata.annotations["slipway/environment"]', 'missing', null],
    ['deployment/website', '.spec.template.spec.containers[main].env[LEVEL].value', 'changed', 'kubectl-set'],
    ['deployment/website', '.spec.template.spec.containers[main].image', 'busybox', 'kubectl-set'],
  ])
  expect(JSON.stringify(found)).not.toContain('canary')
  await mended()
}, 60_000)

test('a Secret is changed or lacks something, and what it holds is not said', async () => {
  await kubectl('patch', 'secret/login', '--type=merge', '-p', '{"stringData":{"password":"canary-three"},"data":{"user":null}}')
  const found = await inspect()
  expect(found).toHaveLength(2)
  expect(found).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ object: 'secret/login', field: '.data.password', expected: 'as applied', found: 'changed' }),
      expect.objectContaining({ object: 'secret/login', field: '.data.user', expected: 'as applied', found: 'missing' }),
    ]),
  )
  expect(JSON.stringify(found)).not.toContain('canary')
  await mended()
}, 60_000)

test('an object that is gone, and one that is marked as ours and nobody applied', async () => {
  await kubectl('delete', 'service/website', 'cronjob/nightly')
  const copy = JSON.parse(await kubectl('get', 'configmap/a', '-o', 'json'))
  const { name: _name, namespace: _namespace, uid: _uid, resourceVersion: _version, managedFields: _fields, ...metadata } = copy.metadata
  await bench.kubectl(['-n', env.namespace, 'create', '-f', '-'], JSON.stringify({ ...copy, metadata: { ...metadata, name: 'copied' } }))
  const found = await inspect()
  expect(found.map(({ object, field, found: there, by }) => [object, field, there, by])).toEqual([
    ['service/website', null, 'missing', null],
    ['cronjob/nightly', null, 'missing', null],
    ['configmap/copied', null, 'there, and not of what was applied', 'kubectl-create'],
  ])
  await kubectl('delete', 'configmap/copied')
  await mended()
}, 60_000)

test('another object in its place, which an apply cannot turn back', async () => {
  await kubectl('delete', 'deployment/website', '--wait')
  const other = webDeployment(bench.id, 'website', { replicas: 0, image: 'busybox' }).replaceAll('app: website', 'app: other')
  await bench.kubectl(['-n', env.namespace, 'create', '-f', '-'], other)
  const found = await inspect()
  expect(found).toMatchObject([{ object: 'deployment/website', field: null, found: expect.stringContaining('another one') }])
  await kubectl('delete', 'deployment/website', '--wait')
  await mended()
}, 60_000)

test('a fence that is gone or newer than anything that is known', async () => {
  await bench.kubectl([
    '-n',
    env.namespace,
    'patch',
    'configmap',
    `slipway-fence.${bench.id}.alpha`,
    '--type=merge',
    '-p',
    '{"data":{"epoch":"7"}}',
  ])
  expect(await inspect()).toMatchObject([{ field: '.data.epoch', expected: '1 at most', found: '7' }])
  await kubectl('delete', 'configmap', `slipway-fence.${bench.id}.alpha`)
  expect(await inspect()).toMatchObject([{ object: `configmap/slipway-fence.${bench.id}.alpha`, field: null, found: 'missing' }])
  await mended()
}, 60_000)

test('a namespace that is gone: everything is missing', async () => {
  const empty = await bench.environment({ makeNamespace: false })
  const { project, environment, candidate, tag, registry } = env.input(content, { website: image }, 1)
  const found = await empty.target.inspect!({ project, environment, candidate, tag, registry, content, epoch: 1 }, env.attempt)
  expect(found.map(({ found: there }) => there)).toEqual(Array.from({ length: 7 }, () => 'missing'))
}, 60_000)
