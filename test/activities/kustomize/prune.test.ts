import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Digest } from '../../../domain/digest.ts'
import { kustomizeBench, type Bench, type TestEnvironment } from './bench.ts'
import { configMap, overlay, webDeployment } from './overlays.ts'

let bench: Bench
let image: Digest
beforeAll(async () => {
  bench = await kustomizeBench()
  image = await bench.images.image(`${bench.id}/website`, bench.id)
}, 120_000)
afterAll(async () => await bench.remove(), 60_000)

const CLAIM =
  'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}\n'

function files(namespace: string, more: Record<string, string> = {}): Record<string, string> {
  return overlay(namespace, { 'web.yaml': webDeployment(bench.id, 'website', { replicas: 0 }), ...more })
}

const names = async (namespace: string, kind: string) =>
  (await bench.kubectl(['-n', namespace, 'get', kind, '-o', 'name']))
    .trim()
    .split('\n')
    .map((each) => each.split('/')[1])

test('what leaves the overlay leaves the cluster; what Slipway did not make stays, and so does what lost its mark', async () => {
  const env = await bench.environment()
  const beside = { app: 'website' }
  await bench.kubectl(
    ['-n', env.namespace, 'create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings-old', labels: beside } }),
  )
  const all = files(env.namespace, { 'a.yaml': configMap('settings', { x: '1' }), 'b.yaml': configMap('taken', { x: '1' }) })
  await env.deploy(all, { website: image }, 1)
  await bench.kubectl(['-n', env.namespace, 'annotate', 'configmap', 'taken', 'slipway/project-', 'slipway/environment-'])

  const { changes } = await env.deploy(files(env.namespace), { website: image }, 2)
  expect(changes).toEqual([
    'configmap/settings deleted',
    "configmap/taken kept: it no longer carries Slipway's mark",
    'deployment/website unchanged',
  ])
  expect(await names(env.namespace, 'configmap')).toEqual(['kube-root-ca.crt', 'settings-old', `slipway-fence.${bench.id}.alpha`, 'taken'])
}, 60_000)

test('a volume claim stays, deployment after deployment, until the estate lets it go', async () => {
  const env = await bench.environment()
  await env.deploy(files(env.namespace, { 'data.yaml': CLAIM }), { website: image }, 1)
  const kept = 'persistentvolumeclaim/data kept: it holds data, and the estate does not let volume claims be deleted'
  for (const epoch of [2, 3]) expect((await env.deploy(files(env.namespace), { website: image }, epoch)).changes).toContain(kept)
  expect(await names(env.namespace, 'pvc')).toEqual(['data'])

  const allowed = await bench.environment({ namespace: env.namespace, makeNamespace: false, prune: { volumeClaims: true } })
  const without = allowed.input(await allowed.render(files(env.namespace), { website: image }), { website: image }, 4)
  const planned = async (each: TestEnvironment) =>
    (await each.target.plan?.(without, each.attempt))?.changes.find(({ object }) => object === 'persistentvolumeclaim/data')
  expect(await planned(env)).toMatchObject({ change: 'unchanged', note: expect.stringContaining('it holds data') })
  expect(await planned(allowed)).toMatchObject({ change: 'delete' })
  expect((await allowed.deploy(files(env.namespace), { website: image }, 4)).changes).toContain('persistentvolumeclaim/data deleted')
  await bench.kubectl(['-n', env.namespace, 'wait', '--for=delete', 'pvc/data', '--timeout=20s'])
}, 60_000)

test('a namespace that leaves the overlay stays, with all that is in it', async () => {
  const env = await bench.environment({ makeNamespace: false })
  const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${env.namespace}}\n`
  await env.deploy(files(env.namespace, { 'ns.yaml': namespace }), { website: image }, 1)
  const { changes } = await env.deploy(files(env.namespace), { website: image }, 2)
  expect(changes).toEqual(['deployment/website unchanged'])
  expect(await bench.kubectl(['get', 'namespace', env.namespace, '-o', 'jsonpath={.status.phase}'])).toBe('Active')
}, 60_000)
