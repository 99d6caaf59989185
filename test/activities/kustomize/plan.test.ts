import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlannedChange } from '../../../activities/contract.ts'
import type { TargetPlan } from '../../../activities/deploy/target.ts'
import type { Digest } from '../../../domain/digest.ts'
import { kustomizeBench, type Bench, type TestEnvironment } from './bench.ts'
import { configMap, overlay, webDeployment } from './overlays.ts'

let bench: Bench
let one: Digest
let two: Digest
let web: (options?: Parameters<typeof webDeployment>[2]) => string

beforeAll(async () => {
  bench = await kustomizeBench()
  one = await bench.images.image(`${bench.id}/website`, `${bench.id} one`)
  two = await bench.images.image(`${bench.id}/website`, `${bench.id} two`)
  // Without pods: what is planned is what lies in the API.
  web = (options = {}) => webDeployment(bench.id, 'website', { image: `${bench.id}/website`, replicas: 0, ...options })
}, 120_000)
afterAll(async () => await bench.remove(), 60_000)

const secret = (values: Record<string, string>) => {
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, data })
}

async function plan(env: TestEnvironment, files: Record<string, string>, digest: Digest = one): Promise<TargetPlan> {
  const {
    fence: _fence,
    rolloutTimeoutMs: _limit,
    ...input
  } = env.input(await env.render(files, { website: digest }), { website: digest }, 0)
  return await env.target.plan!(input, env.attempt)
}

const apply = async (env: TestEnvironment, files: Record<string, string>, epoch: number) =>
  await env.target.apply(env.input(await env.render(files, { website: one }), { website: one }, epoch), env.attempt)

const changeOf = ({ changes }: TargetPlan, object: string): PlannedChange | undefined => changes.find((each) => each.object === object)

const kubectl = async (env: TestEnvironment, ...args: string[]) => await bench.kubectl(['-n', env.namespace, ...args])

test('create, the same again, an update, what is pruned, and values of Secrets that nobody sees', async () => {
  const env = await bench.environment()
  const first = overlay(env.namespace, {
    'web.yaml': web(),
    'a.yaml': configMap('a', { x: 'old', same: '1' }),
    'b.yaml': configMap('b', { x: '1' }),
    'keys.yaml': secret({ password: 'hunter2hunter2', token: 'stays-the-same', gone: 'goneForGood' }),
  })
  const created = await plan(env, first)
  expect(created.changes.map(({ object, change }) => `${object} ${change}`)).toEqual([
    'configmap/a create',
    'configmap/b create',
    'secret/keys create',
    'deployment/website create',
  ])
  expect(changeOf(created, 'configmap/a')?.diff).toMatch(/^@@ -0,0 \+1,\d+ @@\n\+apiVersion: v1\n\+data:\n\+ {2}same: "1"\n\+ {2}x: old\n/)
  expect(await kubectl(env, 'get', 'deployment,configmap,secret', '-o', 'name')).toBe('configmap/kube-root-ca.crt\n')

  await apply(env, first, 1)
  const again = await plan(env, first)
  expect(again.changes.every(({ change, diff }) => change === 'unchanged' && diff === null)).toBe(true)

  const second = overlay(env.namespace, {
    'web.yaml': web(),
    'a.yaml': configMap('a', { x: 'new', same: '1' }),
    'keys.yaml': secret({ password: 'correcthorse', token: 'stays-the-same', fresh: 'freshValue' }),
  })
  const updated = await plan(env, second, two)
  expect(updated.changes.map(({ object, change }) => `${object} ${change}`)).toEqual([
    'configmap/a update',
    'secret/keys update',
    'deployment/website update',
    'configmap/b delete',
  ])
  // Nothing but what was decided: no version, no manager, no mark of the deployment.
  expect(changeOf(updated, 'configmap/a')?.diff).toBe(
    [
      '@@ -1,7 +1,7 @@',
      ' apiVersion: v1',
      ' data:',
      '   same: "1"',
      '-  x: old',
      '+  x: new',
      ' kind: ConfigMap',
      ' metadata:',
      '   annotations:',
    ].join('\n'),
  )
  expect(linesOf(changeOf(updated, 'deployment/website'), /^[-+] /)).toEqual([
    expect.stringMatching(new RegExp(`^- +image: .*website@${one}$`)),
    expect.stringMatching(new RegExp(`^\\+ +image: .*website@${two}$`)),
  ])
  expect(linesOf(changeOf(updated, 'configmap/b'), /^-/)).toContain('-  name: b')
  expect(linesOf(changeOf(updated, 'secret/keys'), /^[-+ ] {2}(password|token|gone|fresh)/).toSorted()).toEqual([
    '   token: "***"',
    '+  fresh: "***"',
    '+  password: "*** (after)"',
    '-  gone: "***"',
    '-  password: "*** (before)"',
  ])
  const text = JSON.stringify([created, updated])
  for (const value of ['hunter2hunter2', 'correcthorse', 'stays-the-same', 'freshValue', 'goneForGood']) {
    expect(text).not.toContain(value)
    expect(text).not.toContain(Buffer.from(value).toString('base64'))
  }
}, 60_000)

test('a field that cannot change: a replacement, with what it would be', async () => {
  const env = await bench.environment()
  const files = (label: string) =>
    overlay(env.namespace, { 'web.yaml': web().replaceAll('{app: website}', `{app: ${label}}`), 'a.yaml': configMap('a', { x: label }) })
  await apply(env, files('website'), 1)
  const planned = await plan(env, files('shop'))
  const deployment = changeOf(planned, 'deployment/website')
  expect(deployment).toMatchObject({ change: 'replace', note: expect.stringContaining('spec.selector cannot change while it is there') })
  expect(linesOf(deployment, /^[-+] /)).toEqual(['-      app: website', '+      app: shop', '-        app: website', '+        app: shop'])
  expect(changeOf(planned, 'configmap/a')?.change).toBe('update')
  // It is what applying comes to, which then changes nothing.
  await expect(apply(env, files('shop'), 2)).rejects.toMatchObject({
    type: 'RenderFailed',
    message: expect.stringContaining('field is immutable'),
  })
  expect(await kubectl(env, 'get', 'configmap', 'a', '-o', 'jsonpath={.data.x}')).toBe('website')
}, 60_000)

test('what the cluster does not take fails in its own words, and nothing is applied', async () => {
  const env = await bench.environment()
  const bad = 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}\n'
  await expect(plan(env, overlay(env.namespace, { 'web.yaml': web(), 'bad.yaml': bad }))).rejects.toMatchObject({
    type: 'RenderFailed',
    message: expect.stringMatching(/does not take service\/bad: .*between 1 and 65535/s),
  })
  expect(await kubectl(env, 'get', 'deployment,service', '-o', 'name')).toBe('')
}, 60_000)

test('a namespace that the overlay makes is not there yet: all is new, and not tried', async () => {
  const env = await bench.environment({ makeNamespace: false })
  const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${env.namespace}}\n`
  const planned = await plan(
    env,
    overlay(env.namespace, { 'ns.yaml': namespace, 'keys.yaml': secret({ password: 'hunter2hunter2' }), 'web.yaml': web() }),
  )
  expect(planned.changes.map(({ object, change }) => `${object} ${change}`)).toEqual([
    `namespace/${env.namespace} create`,
    'secret/keys create',
    'deployment/website create',
  ])
  expect(changeOf(planned, 'deployment/website')?.note).toContain(`there is no namespace ${env.namespace} yet`)
  expect(changeOf(planned, 'secret/keys')?.diff).toContain('+  password: "***"')
  expect(JSON.stringify(planned)).not.toContain('hunter2hunter2')
  await expect(plan(env, overlay(env.namespace, { 'web.yaml': web() }))).rejects.toMatchObject({ type: 'NotFound' })
}, 60_000)

test('a status makes no plan stale; a change of what anybody decided does, and so does another deployment', async () => {
  const env = await bench.environment()
  const files = overlay(env.namespace, {
    'web.yaml': web({ replicas: 1 }),
    'a.yaml': configMap('a', { x: '1' }),
    'keys.yaml': secret({ k: 'v' }),
  })
  await apply(env, files, 1)
  const before = (await plan(env, files)).basis

  // From no pod to one that is ready: the Deployment's status and revision are written again and again.
  await kubectl(env, 'rollout', 'status', 'deployment/website', '--timeout=60s')
  await kubectl(env, 'delete', 'pod', '-l', 'app=website')
  await kubectl(env, 'rollout', 'status', 'deployment/website', '--timeout=60s')
  expect((await plan(env, files)).basis).toBe(before)

  const bases = [before]
  const moved = async (what: string) => {
    const { basis } = await plan(env, files)
    expect(bases, what).not.toContain(basis)
    bases.push(basis)
  }
  await kubectl(env, 'patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"y":"2"}}')
  await moved('data')
  await kubectl(env, 'patch', 'secret', 'keys', '--type=merge', '-p', '{"data":{"z":"Yg=="}}')
  await moved('a Secret')
  await kubectl(env, 'annotate', 'deployment', 'website', 'team/note=x')
  await moved('metadata')
  await kubectl(env, 'set', 'env', 'deployment/website', 'A=1')
  await moved('spec')
  await kubectl(env, 'delete', 'configmap', 'a')
  await moved('an object that is gone')
  await env.target.apply(env.input(await env.render(files, { website: one }), { website: one }, 2), env.attempt).catch(() => {})
  await moved('the fence')
}, 120_000)

function linesOf(change: PlannedChange | undefined, wanted: RegExp): string[] {
  return (change?.diff ?? '').split('\n').filter((line) => wanted.test(line))
}
