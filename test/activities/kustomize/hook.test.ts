import { setTimeout as sleep } from 'node:timers/promises'
import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HookConfig } from '../../../config/hooks-schema.ts'
import type { Digest } from '../../../domain/digest.ts'
import { candidateOf, kustomizeBench, quietAttempt, type Bench } from './bench.ts'
import { configMap, overlay } from './overlays.ts'

let bench: Bench
let website: Digest
beforeAll(async () => {
  bench = await kustomizeBench()
  website = await bench.images.image(`${bench.id}/website`, bench.id)
}, 120_000)
afterAll(async () => await bench.remove(), 60_000)

const NAMESPACE = (name: string) => Buffer.from(`apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`)

/** A hook in a namespace of its own. Its pods leave marks by what they print; what counts is the Job and its pods. */
async function hookOf(
  script: string,
  { timeoutSeconds = 60, spec = 'backoffLimit: 0', container = '', makeNamespace = true, image = `${bench.id}/website` } = {},
) {
  const env = await bench.environment({ makeNamespace })
  const { namespace, target } = env
  const base = {
    project: bench.id,
    environment: 'alpha',
    candidate: candidateOf({ website }, bench.id),
    tag: 'v1.0.0',
    registry: bench.registry,
  }
  const config: HookConfig = { name: 'migrate', job: 'job.yaml', timeoutSeconds }
  const manifest = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec:
  ${spec}
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1
      containers: [{ name: main, image: ${image}, command: [sh, -c, ${JSON.stringify(script)}]${container} }]
`
  const content = await target.renderHook(
    config,
    { ...base, parts: {}, mirror: { readFile: async () => Buffer.from(manifest) } as never },
    Buffer.of(),
    quietAttempt().attempt,
  )
  const names = async (kind: string) =>
    (await bench.kubectl(['-n', namespace, 'get', kind, '-o', 'name'])).split('\n').filter((each) => each !== '')
  type More = { epoch?: number; attempt?: number; run?: number; signal?: AbortSignal; overlay?: Buffer }
  return {
    env,
    namespace,
    jobs: () => names('jobs'),
    pods: () => names('pods'),
    until: async (holds: () => Promise<boolean>) => {
      while (!(await holds())) await sleep(100)
    },
    run: async ({ epoch = 1, attempt = 1, run = 1, signal, overlay = NAMESPACE(namespace) }: More = {}) => {
      const quiet = quietAttempt(signal)
      const hook = { name: 'migrate', content, timeoutSeconds, run }
      const end = await target.runHook({ ...base, fence: { epoch, attempt }, content: overlay, hook }, quiet.attempt)
      return { ...end, lines: quiet.lines }
    },
  }
}

test('a Job by digest, once for its epoch, and its end is told again; the next epoch has a Job of its own', async () => {
  const hook = await hookOf('echo migrated', { makeNamespace: false })
  const first = await hook.run()
  expect(first).toMatchObject({
    outcome: 'succeeded',
    words: expect.stringMatching(/^is complete as job\/migrate-1-1-[0-9a-f]{10}$/),
    logText: 'migrated\n',
  })
  const [job] = await hook.jobs()
  const { metadata, spec } = JSON.parse(await bench.kubectl(['-n', hook.namespace, 'get', job!, '-o', 'json']))
  expect(spec.template.spec.containers[0].image).toBe(`${bench.registry}/${bench.id}/website@${website}`)
  expect(metadata.annotations).toMatchObject({ 'slipway/project': bench.id, 'slipway/environment': 'alpha', 'slipway/fence': '1.1' })
  expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'succeeded', logText: 'migrated\n' })
  expect([await hook.jobs(), (await hook.pods()).length]).toEqual([[job], 1])

  expect(await hook.run({ attempt: 2, run: 2 })).toMatchObject({ outcome: 'succeeded' })
  expect(await hook.jobs()).toHaveLength(2)
  await hook.run({ epoch: 2 })
  await hook.until(async () => (await hook.jobs()).length === 1)
  expect(await hook.jobs()).toEqual([expect.stringContaining('migrate-2-1-')])
  await expect(hook.run({ epoch: 1, attempt: 9 })).rejects.toMatchObject({ type: 'Fenced' })
}, 60_000)

test('many attempts at once make one Job', async () => {
  const hook = await hookOf('sleep 1; echo migrated')
  const ends = await Promise.allSettled([1, 1, 1].map((attempt) => hook.run({ attempt })))
  // Who finds that another one wrote the mark is transient, and is tried again by the workflow.
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ nonRetryable: false })
  expect(await hook.run()).toMatchObject({ outcome: 'succeeded', logText: 'migrated\n' })
  expect([(await hook.jobs()).length, (await hook.pods()).length]).toEqual([1, 1])
}, 60_000)

test('a namespace that neither is there nor is in the overlay is asked for', async () => {
  const hook = await hookOf('true', { makeNamespace: false })
  await expect(hook.run({ overlay: Buffer.of() })).rejects.toMatchObject({
    type: 'NotFound',
    message: expect.stringContaining(`kubectl create namespace ${hook.namespace}`),
  })
})

// The others mostly wait for the cluster: together they take as long as the slowest.
test.concurrent('one that fails says how, with what every pod printed', async () => {
  const hook = await hookOf('echo "no table customer"; exit 3', { spec: 'backoffLimit: 1' })
  const end = await hook.run()
  expect(end).toMatchObject({
    outcome: 'failed',
    words: expect.stringMatching(/^failed with exit code 3 as job\/migrate-1-1-\S+ \(BackoffLimitExceeded: /),
  })
  expect(end.logText.match(/^--- pod \S+, container main\nno table customer$/gm)).toHaveLength(2)
  expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'failed', logText: end.logText })
}, 90_000)

test.concurrent('one that never ends is ended by the cluster when its time is over, and what it printed is kept', async () => {
  const hook = await hookOf('trap "" TERM; echo working; while :; do sleep 1; done', { timeoutSeconds: 4 })
  const end = await hook.run()
  expect(end).toMatchObject({
    outcome: 'failed',
    words: expect.stringContaining('had not ended after 4 s and was ended'),
    logText: 'working\n',
  })
  await hook.until(async () => (await hook.pods()).length === 0)
  expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'failed', words: end.words })
}, 90_000)

test.concurrent('cancelled, it is ended on the cluster, and what is asked later is told so', async () => {
  const hook = await hookOf('echo working; sleep 600')
  const controller = new AbortController()
  const cancelled = expect(hook.run({ signal: controller.signal })).rejects.toThrow('CANCELLED')
  await hook.until(async () => (await bench.kubectl(['-n', hook.namespace, 'get', 'pods'])).includes('Running'))
  controller.abort(new CancelledFailure('CANCELLED'))
  await cancelled
  await hook.until(async () => (await hook.pods()).length === 0)
  expect(await hook.jobs()).toEqual([])
  expect(await hook.run({ attempt: 2 })).toMatchObject({
    outcome: 'failed',
    words: expect.stringContaining('its deployment was cancelled'),
  })
  expect(await hook.jobs()).toEqual([])
}, 90_000)

test.concurrent('a worker that goes in the middle leaves it running, and the next attempt follows the same run', async () => {
  const hook = await hookOf('sleep 2; echo migrated')
  const controller = new AbortController()
  const left = expect(hook.run({ signal: controller.signal })).rejects.toThrow('WORKER_SHUTDOWN')
  await hook.until(async () => (await hook.pods()).length === 1)
  controller.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await left
  expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'succeeded', logText: 'migrated\n' })
  expect([(await hook.jobs()).length, (await hook.pods()).length]).toEqual([1, 1])
}, 90_000)

test.concurrent('a newer deployment without hooks ends it, before it puts anything there', async () => {
  const hook = await hookOf('echo working; sleep 600')
  const refused = expect(hook.run()).rejects.toMatchObject({ type: 'Fenced' })
  await hook.until(async () => (await bench.kubectl(['-n', hook.namespace, 'get', 'pods'])).includes('Running'))
  const { changes } = await hook.env.deploy(overlay(hook.namespace, { 'a.yaml': configMap('a', { x: '1' }) }), {}, 2)
  expect(changes).toEqual(['configmap/a created', expect.stringMatching(/^job\/migrate-1-1-\S+ of an older deployment is ended$/)])
  expect([await hook.jobs(), await hook.pods()]).toEqual([[], []])
  await refused
}, 90_000)

test.concurrent('begun and deleted by somebody: unknown, and never made again', async () => {
  const hook = await hookOf('sleep 600')
  const running = hook.run()
  await hook.until(async () => (await hook.pods()).length === 1)
  await bench.kubectl(['-n', hook.namespace, 'delete', 'jobs', '--all', '--wait=false'])
  const unknown = {
    outcome: 'unknown',
    words: expect.stringMatching(/was begun as job\/migrate-1-1-\S+ in namespace \S+, which is no longer there/),
  }
  expect(await running).toMatchObject(unknown)
  expect(await hook.run({ attempt: 2 })).toMatchObject(unknown)
  expect(await hook.jobs()).toEqual([])
}, 90_000)

test.concurrent('pods that can never start are told within seconds, and taken away', async () => {
  const missing = await hookOf('true', { container: ', envFrom: [{ secretRef: { name: gone } }]' })
  const startMs = performance.now()
  expect(await missing.run()).toMatchObject({
    outcome: 'failed',
    words: expect.stringMatching(/cannot start: pod .*secret "gone" not found/),
  })
  expect(performance.now() - startMs).toBeLessThan(15_000)
  await missing.until(async () => (await missing.jobs()).length === 0)
  expect(await missing.run({ attempt: 2 })).toMatchObject({ outcome: 'failed' })
}, 90_000)

test.concurrent('a Job that the cluster does not take: nothing is begun', async () => {
  const hook = await hookOf('true', { spec: 'backoffLimit: -1' })
  await expect(hook.run()).rejects.toMatchObject({
    type: 'RenderFailed',
    message: expect.stringMatching(/does not take job\/migrate-1-1-\S+: .*backoffLimit/),
  })
  expect(await hook.jobs()).toEqual([])
}, 60_000)
