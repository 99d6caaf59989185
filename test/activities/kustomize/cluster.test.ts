import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unasked } from '../unasked.ts'
import { configMap, overlay, webDeployment } from './overlays.ts'
import { kustomizeBench, type Bench, type TestEnvironment } from './bench.ts'
import type { Digest } from '../../../domain/digest.ts'

let bench: Bench
let one: Digest
let two: Digest
let web: (name: string, options?: Parameters<typeof webDeployment>[2]) => string

beforeAll(async () => {
  bench = await kustomizeBench()
  one = await bench.images.image(`${bench.id}/website`, `${bench.id} one`)
  two = await bench.images.image(`${bench.id}/website`, `${bench.id} two`)
  web = (name, options = {}) => webDeployment(bench.id, name, { image: `${bench.id}/website`, ...options })
}, 120_000)
afterAll(async () => await bench.remove(), 60_000)

/** Deploys what must fail, and gives the failure with the seconds it took. */
async function failing(env: TestEnvironment, files: Record<string, string>, epoch: number, more = {}) {
  const startMs = performance.now()
  const failure = await env.deploy(files, { website: one }, epoch, more).then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) =>
      error as { type: string; message: string; nonRetryable: boolean; details: [{ observed: string[]; infrastructure?: true }] },
  )
  return { ...failure, message: failure.message, observed: failure.details?.[0]?.observed ?? [], ms: performance.now() - startMs }
}

test('a namespace of its own: first, the same again, a change, and what is no longer wanted', async () => {
  const env = await bench.environment({ makeNamespace: false })
  const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${env.namespace}}\n`
  const files = (more: Record<string, string> = {}) =>
    overlay(env.namespace, {
      'ns.yaml': namespace,
      'web.yaml': web('website', { replicas: 2 }),
      'a.yaml': configMap('a', { x: '1' }),
      ...more,
    })

  const first = await env.deploy(files({ 'b.yaml': configMap('b', { x: '1' }) }), { website: one }, 1)
  expect(first.changes).toEqual([
    'configmap/a created',
    'configmap/b created',
    'deployment/website created',
    `namespace/${env.namespace} created`,
  ])
  expect(first.observed).toEqual(['deployment/website: 2 of 2 replicas ready', `website runs ${one}`])

  const pods = async () => (await bench.kubectl(['-n', env.namespace, 'get', 'pods', '-o', 'name'])).trim().split('\n').toSorted()
  const before = await pods()
  const again = await env.deploy(files({ 'b.yaml': configMap('b', { x: '2' }) }), { website: one }, 2)
  expect(again.changes).toEqual([
    'configmap/a unchanged',
    'configmap/b configured',
    'deployment/website unchanged',
    `namespace/${env.namespace} unchanged`,
  ])
  expect(await pods()).toEqual(before)

  const changed = await env.deploy(files(), { website: two }, 3)
  expect(changed.changes).toEqual([
    'configmap/a unchanged',
    'configmap/b deleted',
    'deployment/website configured',
    `namespace/${env.namespace} unchanged`,
  ])
  expect(changed.observed).toContain(`website runs ${two}`)

  const fence = JSON.parse(await bench.kubectl(['-n', env.namespace, 'get', 'configmap', `slipway-fence.${bench.id}.alpha`, '-o', 'json']))
  expect(fence.data).toMatchObject({
    epoch: '3',
    attempt: '1',
    inventory: JSON.stringify(['v1/ConfigMap/a', 'apps/v1/Deployment/website']),
  })
}, 60_000)

test('an older deployment that wakes up late is refused, and nothing changes', async () => {
  const env = await bench.environment()
  const files = overlay(env.namespace, { 'web.yaml': web('website') })
  await env.deploy(files, { website: one }, 5)
  const late = await failing(env, files, 4)
  expect(late).toMatchObject({
    type: 'Fenced',
    nonRetryable: true,
    message: expect.stringContaining('This is deployment 4.1 (epoch.attempt) of alpha, and 5.1 already holds its namespace'),
  })
  const content = await env.render(files, { website: one })
  await expect(env.target.verify(env.input(content, { website: one }, 4), env.attempt, unasked)).rejects.toMatchObject({ type: 'Fenced' })
  const generation = () => bench.kubectl(['-n', env.namespace, 'get', 'deployment', 'website', '-o', 'jsonpath={.metadata.generation}'])
  const once = await generation()
  await env.target.apply(env.input(content, { website: one }, 5, { fence: { epoch: 5, attempt: 2 } }), env.attempt)
  expect(await generation()).toBe(once)
  await expect(env.target.apply(env.input(content, { website: one }, 5), env.attempt)).rejects.toMatchObject({ type: 'Fenced' })
}, 60_000)

test('two deployments at once: the younger one wins, whatever the order', async () => {
  const env = await bench.environment()
  const contents = await Promise.all(
    ['old', 'new'].map(
      async (x) =>
        await env.render(overlay(env.namespace, { 'web.yaml': web('website', { replicas: 0 }), 'a.yaml': configMap('a', { x }) }), {
          website: one,
        }),
    ),
  )
  for (let round = 1; round <= 5; round++) {
    const results = await Promise.allSettled(
      contents.map((content, index) => env.target.apply(env.input(content, { website: one }, round * 2 + index), env.attempt)),
    )
    expect(results[1]?.status).toBe('fulfilled')
    if (results[0]?.status === 'rejected') expect(results[0].reason).toMatchObject({ type: 'Fenced' })
    expect(await bench.kubectl(['-n', env.namespace, 'get', 'configmap', 'a', '-o', 'jsonpath={.data.x}'])).toBe('new')
  }
}, 60_000)

test('an invalid object: nothing is applied', async () => {
  const env = await bench.environment()
  const bad = 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}\n'
  const failure = await failing(env, overlay(env.namespace, { 'web.yaml': web('website'), 'bad.yaml': bad }), 1)
  expect(failure).toMatchObject({
    type: 'RenderFailed',
    nonRetryable: true,
    message: expect.stringMatching(/does not take service\/bad: .*between 1 and 65535/s),
  })
  const unknown = 'apiVersion: nowhere.example/v1\nkind: Thing\nmetadata: {name: t}\n'
  const other = await failing(env, overlay(env.namespace, { 'web.yaml': web('website'), 't.yaml': unknown }), 1)
  expect(other).toMatchObject({ type: 'RenderFailed', message: expect.stringContaining('does not know Thing (nowhere.example/v1)') })
  expect(await bench.kubectl(['-n', env.namespace, 'get', 'deployment,service,configmap', '-o', 'name'])).toBe(
    'configmap/kube-root-ca.crt\n',
  )
}, 60_000)

test('a namespace that is not there is asked for', async () => {
  const env = await bench.environment({ makeNamespace: false })
  const failure = await failing(env, overlay(env.namespace, { 'web.yaml': web('website') }), 1)
  expect(failure).toMatchObject({ type: 'NotFound', message: expect.stringContaining(`kubectl create namespace ${env.namespace}`) })
})

test('what a person applied with kubectl is not trampled, and the way to adopt it works', async () => {
  const env = await bench.environment()
  const files = overlay(env.namespace, { 'web.yaml': web('website', { replicas: 0 }) })
  const byHand = webDeployment(bench.id, 'website', { replicas: 1, image: `${bench.registry}/${bench.id}/website@${two}` })
  await bench.kubectl(['-n', env.namespace, 'apply', '-f', '-'], byHand)
  const failure = await failing(env, files, 1)
  expect(failure).toMatchObject({
    type: 'Conflict',
    nonRetryable: true,
    message: expect.stringMatching(/deployment\/website .*kubectl-client-side-apply already decides \.spec\.replicas/),
  })
  expect(failure.message).toContain('kubectl apply --server-side --field-manager slipway --force-conflicts')
  await bench.kubectl(['-n', env.namespace, 'apply', '--server-side', '--field-manager', 'slipway', '--force-conflicts', '-f', '-'], byHand)
  const { changes } = await env.deploy(files, { website: one }, 1)
  expect(changes).toEqual(['deployment/website configured'])
}, 60_000)

test('a field that another manager decides', async () => {
  const env = await bench.environment()
  await env.deploy(overlay(env.namespace, { 'a.yaml': configMap('a', { x: '1' }), 'web.yaml': web('website') }), { website: one }, 1)
  await bench.kubectl(
    ['-n', env.namespace, 'apply', '--server-side', '--field-manager', 'scaler', '--force-conflicts', '-f', '-'],
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"9"}}`,
  )
  const failure = await failing(env, overlay(env.namespace, { 'a.yaml': configMap('a', { x: '2' }), 'web.yaml': web('website') }), 2)
  expect(failure).toMatchObject({
    type: 'Conflict',
    message: expect.stringMatching(/configmap\/a .* scaler already decides \.data\.x\. Leave the field out/),
  })
}, 60_000)

test('objects of another environment in the same namespace are not touched', async () => {
  const env = await bench.environment()
  const files = overlay(env.namespace, { 'web.yaml': web('website', { replicas: 0 }) })
  await env.deploy(files, { website: one }, 1)
  const content = Buffer.from((await env.render(files, { website: one })).toString().replaceAll('"alpha"', '"beta"'))
  await expect(env.target.apply(env.input(content, { website: one }, 1, { environment: 'beta' }), env.attempt)).rejects.toMatchObject({
    type: 'Conflict',
    message: expect.stringContaining(`belongs to alpha of project ${bench.id}`),
  })
}, 60_000)

// From here to the failed Job the tests mostly wait for the cluster: together they take as long as the slowest.
test.concurrent('an image that is not in the registry', async () => {
  const env = await bench.environment()
  const missing = `sha256:${'e'.repeat(64)}`
  const content = await env.render(overlay(env.namespace, { 'web.yaml': web('website') }), { website: missing })
  const input = env.input(content, { website: missing }, 1)
  await env.target.apply(input, env.attempt)
  const startMs = performance.now()
  await expect(env.target.verify(input, env.attempt, unasked)).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringMatching(/deployment\/website .* pod website-\S+, container main: (ErrImagePull|ImagePullBackOff): .*not found/),
    details: [{ observed: expect.arrayContaining([expect.stringMatching(/Failed.*: .*not found/)]) }],
  })
  expect(performance.now() - startMs).toBeLessThan(8000)
}, 60_000)

test.concurrent('a crash loop, with the last words of the container', async () => {
  const env = await bench.environment()
  const failure = await failing(
    env,
    overlay(env.namespace, {
      // Both lines on one stream: the node reads the two apart, in any order.
      'web.yaml': web('website', { command: 'exec >&2; echo starting; echo "no database at db:5432"; exit 3', probe: null }),
    }),
    1,
  )
  expect(failure).toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringMatching(/container main: .*exit code 3 \(Error\), \d restarts?\. Its last words: no database at db:5432$/),
  })
  expect(failure.observed).toEqual(expect.arrayContaining([expect.stringMatching(/^pod website-\S+ \| starting$/)]))
  expect(failure.ms).toBeLessThan(12_000)
}, 60_000)

test.concurrent('a readiness probe that fails until the time is over', async () => {
  const env = await bench.environment()
  const probe = '{httpGet: {path: /nowhere, port: 8080}, periodSeconds: 1}'
  const failure = await failing(env, overlay(env.namespace, { 'web.yaml': web('website', { probe }) }), 1, { rolloutTimeoutMs: 6000 })
  expect(failure).toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringMatching(
      /0 of 1 updated replicas available, after 6 s\. Its last words: Readiness probe failed: HTTP probe failed with statuscode: 404$/,
    ),
  })
  expect(env.lines.at(-1)).toContain('Readiness probe failed')
}, 60_000)

test.concurrent('a pod that no node takes', async () => {
  const env = await bench.environment()
  const failure = await failing(env, overlay(env.namespace, { 'web.yaml': web('website', { cpu: '"1000"' }) }), 1)
  expect(failure).toMatchObject({ type: 'RolloutFailed', message: expect.stringMatching(/no node takes it: .*Insufficient cpu/) })
  // It says nothing of what was deployed.
  expect(failure.details[0].infrastructure).toBe(true)
  expect(failure.ms).toBeLessThan(12_000)
}, 60_000)

test.concurrent('a ConfigMap that is missing, in the environment and as a volume', async () => {
  const env = await bench.environment()
  const fromEnvironment = await failing(
    env,
    overlay(env.namespace, { 'web.yaml': web('website', { extra: '          envFrom: [{configMapRef: {name: gone}}]\n' }) }),
    1,
  )
  expect(fromEnvironment.message).toMatch(/CreateContainerConfigError: configmap "gone" not found/)
  const volume = '          volumeMounts: [{name: v, mountPath: /v}]\n      volumes: [{name: v, configMap: {name: gone}}]\n'
  const asVolume = await failing(env, overlay(env.namespace, { 'other.yaml': web('other', { extra: volume }) }), 2)
  expect(asVolume.message).toMatch(/deployment\/other .*configmap "gone" not found/)
  expect(asVolume.ms).toBeLessThan(15_000)
}, 60_000)

test.concurrent('pods that cannot be made at all', async () => {
  const env = await bench.environment()
  const quota = 'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: none}\nspec: {hard: {pods: "0"}}\n'
  const failure = await failing(env, overlay(env.namespace, { 'q.yaml': quota, 'web.yaml': web('website') }), 1)
  expect(failure.message).toMatch(/its pods cannot be created: .*exceeded quota/)
  expect(failure.details[0].infrastructure).toBe(true)
}, 60_000)

test.concurrent('StatefulSet, DaemonSet, Job and Pod are followed too', async () => {
  const env = await bench.environment()
  const container = (command: string, restart = '') =>
    `{automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, ${restart} containers: [{name: main, image: ${bench.id}/website, command: [sh, -c, ${JSON.stringify(command)}]}]}`
  const set = (kind: string, more: string) =>
    `apiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: ${kind.toLowerCase()}}\nspec:\n  ${more}selector: {matchLabels: {app: ${kind}}}\n  template: {metadata: {labels: {app: ${kind}}}, spec: ${container('exec sleep 1000')}}\n`
  const files = overlay(env.namespace, {
    'sts.yaml': set('StatefulSet', 'serviceName: x\n  '),
    'ds.yaml': set('DaemonSet', ''),
    'job.yaml': `apiVersion: batch/v1\nkind: Job\nmetadata: {name: job}\nspec: {template: {spec: ${container('echo hi', 'restartPolicy: Never,')}}}\n`,
    'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec: ${container('exec sleep 1000')}\n`,
  })
  expect((await env.deploy(files, { website: one }, 1)).observed).toEqual([
    'daemonset/daemonset: 1 of 1 pods ready',
    'job/job: complete',
    'pod/pod: ready',
    'statefulset/statefulset: 1 of 1 replicas ready',
    `website runs ${one}`,
  ])
}, 60_000)

test.concurrent('a failed Job says why', async () => {
  const env = await bench.environment()
  const job = `apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, automountServiceAccountToken: false, containers: [{name: main, image: ${bench.id}/website, command: [sh, -c, "echo no such table; exit 1"]}]}}}\n`
  const failure = await failing(env, overlay(env.namespace, { 'job.yaml': job }), 1)
  expect(failure.message).toMatch(/job\/migrate .*it failed: .* Its last words: no such table$/)
}, 60_000)

test('an index as the candidate: the node may name the image by its manifest', async () => {
  const env = await bench.environment()
  const index = await bench.images.index(`${bench.id}/website`, one)
  const files = overlay(env.namespace, { 'web.yaml': web('website') })
  await env.deploy(files, { website: one }, 1)
  const { observed } = await env.deploy(files, { website: index }, 2)
  expect(observed[1]).toMatch(new RegExp(`^website runs ${index}( \\(its node also knows that image as ${one}\\))?$`))
}, 60_000)

test('a cluster that does not answer, or not in time, is waited for', async () => {
  const kubeconfig = await otherKubeconfig('unreachable', 'https://127.0.0.1:9')
  const env = await bench.environment({ makeNamespace: false, kubeconfig })
  expect(await failing(env, overlay(env.namespace, { 'web.yaml': web('website') }), 1)).toMatchObject({
    type: 'Unavailable',
    nonRetryable: false,
    message: expect.stringContaining('https://127.0.0.1:9 does not answer'),
  })
})

test('a certificate that is not trusted is refused', async () => {
  const text = await readFile(bench.kubeconfig, 'utf8')
  const kubeconfig = join(bench.stateFolder, 'untrusted')
  await writeFile(kubeconfig, text.replace(/certificate-authority-data: [^},\s]+/, 'insecure-skip-tls-verify: false'))
  const env = await bench.environment({ makeNamespace: false, kubeconfig })
  expect(await failing(env, overlay(env.namespace, { 'web.yaml': web('website') }), 1)).toMatchObject({
    type: 'Refused',
    message: expect.stringContaining('is not trusted'),
  })
})

test('credentials that are wrong, and credentials that may do nothing', async () => {
  const wrong = await bench.environment({ makeNamespace: false, kubeconfig: await otherKubeconfig('wrong', null, 'token: nonsense') })
  const files = overlay(wrong.namespace, { 'web.yaml': web('website') })
  expect(await failing(wrong, files, 1)).toMatchObject({
    type: 'Refused',
    message: expect.stringMatching(/does not accept the kubeconfig's credentials \(HTTP 401\)/),
  })

  const env = await bench.environment()
  await bench.kubectl(['-n', env.namespace, 'create', 'serviceaccount', 'weak'])
  const token = (await bench.kubectl(['-n', env.namespace, 'create', 'token', 'weak'])).trim()
  const weak = await bench.environment({
    makeNamespace: false,
    namespace: env.namespace,
    kubeconfig: await otherKubeconfig('weak', null, `token: ${token}`),
  })
  const failure = await failing(weak, overlay(weak.namespace, { 'web.yaml': web('website') }), 1)
  expect(failure).toMatchObject({ type: 'Refused', message: expect.stringMatching(/forbids to .*serviceaccount/) })
  expect(failure.message).not.toContain(token)
  await expect(weak.target.check(weak.attempt)).rejects.toMatchObject({
    type: 'Refused',
    message: expect.stringContaining('patch deployments'),
  })

  // Everything but what only some deployments do.
  const role = ['-n', env.namespace, 'create', 'role', 'some']
  await bench.kubectl([...role, '--verb=get,create,update,patch,delete', '--resource=configmaps,services,deployments.apps'])
  await bench.kubectl([
    '-n',
    env.namespace,
    'create',
    'role',
    'watching',
    '--verb=get,list',
    '--resource=pods,pods/log,events,replicasets.apps',
  ])
  for (const name of ['some', 'watching']) {
    await bench.kubectl(['-n', env.namespace, 'create', 'rolebinding', name, `--role=${name}`, `--serviceaccount=${env.namespace}:weak`])
  }
  expect(await weak.target.check(weak.attempt)).toMatch(
    /; no hooks, which takes get jobs, create jobs, patch jobs, delete jobs; no drift of objects that nobody applied, which takes list configmaps, /,
  )
}, 60_000)

test('credentials from an exec plugin', async () => {
  const token = /token: "?([^\s"}]+)/.exec(await readFile(bench.kubeconfig, 'utf8'))?.[1] ?? ''
  const answer = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } })
  const kubeconfig = await otherKubeconfig(
    'exec',
    null,
    `exec: {apiVersion: client.authentication.k8s.io/v1, command: printf, args: ['%s', '${answer}']}`,
  )
  const env = await bench.environment({ kubeconfig })
  expect(await env.target.check(env.attempt)).toMatch(
    new RegExp(`^Kubernetes v1\\.\\d+\\.\\d+ at https://\\S+, namespace ${env.namespace}, overlays rendered by kustomize `),
  )
}, 60_000)

test('a cancelled attempt ends at once', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : 0
  try {
    const env = await bench.environment({ makeNamespace: false, kubeconfig: await otherKubeconfig('silent', `https://127.0.0.1:${port}`) })
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('cancelled')), 200)
    const startMs = performance.now()
    await expect(env.target.check({ signal: controller.signal, heartbeat: () => {} })).rejects.toThrow('cancelled')
    expect(performance.now() - startMs).toBeLessThan(2000)
  } finally {
    silent.close()
  }
})

/** The lab's kubeconfig with another server or another user. */
async function otherKubeconfig(name: string, server: string | null, user: string | null = null): Promise<string> {
  const text = await readFile(bench.kubeconfig, 'utf8')
  const path = join(bench.stateFolder, `kubeconfig-${name}`)
  const changed = server ? text.replace(/server: "[^"]+"/, `server: "${server}"`) : text
  await writeFile(path, user ? changed.replace(/user: \{token[^\n]*\}/, `user: {${user}}`) : changed)
  return path
}
