import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Digest } from '../../../domain/digest.ts'
import { unasked } from '../unasked.ts'
import { kustomizeBench, type Bench, type TestEnvironment } from './bench.ts'
import { overlay, webDeployment } from './overlays.ts'

/** Objects of a kind that the test adds to the cluster; the test is their controller. */
let bench: Bench
let group: string
let image: Digest

beforeAll(async () => {
  bench = await kustomizeBench()
  group = `${bench.id}.slipway.example`
  await bench.kubectl(['apply', '-f', '-'], [definition('Widget', { status: {} }), definition('Note', {})].join('\n---\n'))
  await bench.kubectl(['wait', '--for=condition=Established', 'crd', `widgets.${group}`, `notes.${group}`])
  image = await bench.images.image(`${bench.id}/website`, bench.id)
}, 120_000)
afterAll(async () => {
  await bench.kubectl(['delete', 'crd', '--ignore-not-found', `widgets.${group}`, `notes.${group}`])
  await bench.remove()
}, 60_000)

function definition(kind: string, subresources: object): string {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  const version = { name: 'v1', served: true, storage: true, schema, subresources }
  const plural = `${kind.toLowerCase()}s`
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase() }, versions: [version] },
  })
}

const object = (kind: string, size: number) => JSON.stringify({ apiVersion: `${group}/v1`, kind, metadata: { name: 'it' }, spec: { size } })

async function begin(env: TestEnvironment, kind: string, size: number, epoch: number) {
  const files = overlay(env.namespace, { 'it.yaml': object(kind, size), 'web.yaml': webDeployment(bench.id, 'website', { replicas: 0 }) })
  const input = env.input(await env.render(files, { website: image }), { website: image }, epoch)
  await env.target.apply(input, env.attempt)
  const verified = env.target.verify(input, env.attempt, unasked)
  // It is awaited in the end only; meanwhile the test speaks as the controller.
  verified.catch(() => {})
  return { verified }
}

const say = async (env: TestEnvironment, status: object) =>
  await bench.kubectl([
    '-n',
    env.namespace,
    'patch',
    `widget.${group}`,
    'it',
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status }),
  ])

async function heard(env: TestEnvironment, line: RegExp): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!env.lines.some((each) => line.test(each))) {
    if (performance.now() > endMs) expect.unreachable(`${line} was not said, but: ${env.lines.join(' | ')}`)
    await sleep(20)
  }
}

test('an object is followed by the conditions of the generation that was applied, to a good end and to a bad one', async () => {
  const env = await bench.environment()
  const first = await begin(env, 'Widget', 1, 1)
  await say(env, { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'False', reason: 'Starting', message: 'one moment' }] })
  await heard(env, /^widget\/it: Ready is False \(Starting\): one moment/)
  await say(env, { conditions: [{ type: 'Ready', status: 'True' }] })
  expect((await first.verified).observed).toContain('widget/it: ready')

  const second = await begin(env, 'Widget', 2, 2)
  await heard(env, /widget\/it: the controller has not seen the change/)
  await say(env, {
    observedGeneration: 2,
    conditions: [
      { type: 'Ready', status: 'False' },
      { type: 'Stalled', status: 'True', message: 'no such size' },
    ],
  })
  await expect(second.verified).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('widget/it in namespace'),
    details: [{ observed: expect.arrayContaining(['widget/it: Stalled is True: no such size']) }],
  })
}, 60_000)

test('one whose controller says nothing is done after a moment, one of a kind without a status at once', async () => {
  const env = await bench.environment()
  const line = 'applied; it says nothing of its state'
  const startMs = performance.now()
  expect((await (await begin(env, 'Widget', 1, 1)).verified).observed).toContain(`widget/it: ${line}`)
  expect(performance.now() - startMs).toBeGreaterThan(2900)
  const againMs = performance.now()
  expect((await (await begin(env, 'Note', 1, 2)).verified).observed).toContain(`note/it: ${line}`)
  expect(performance.now() - againMs).toBeLessThan(2900)
}, 60_000)
