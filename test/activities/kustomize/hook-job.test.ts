import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeJob } from '../../../activities/kustomize/hook-job.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`
const input = {
  owner: { project: 'shop', environment: 'prod' },
  namespace: 'shop-prod',
  images: [{ service: 'api', repository: 'eap/api', digest: DIGEST, inputs: '', reused: false }],
  registry: 'registry.example:5000',
  timeoutSeconds: 600,
}
const job = (spec = '', metadata = '', image = 'eap/api') =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate${metadata} }\nspec:\n  backoffLimit: 0\n${spec}  template:\n    spec: { restartPolicy: Never, containers: [{ name: main, image: ${image}, args: ["0644", "$(x)"] }] }\n`

function made(text: string) {
  const result = makeJob({ ...input, text })
  if (!result.ok) throw new Error(result.problem)
  return parse(result.value) as { metadata: Record<string, unknown>; spec: Record<string, unknown> }
}

test('gives it the digest, the namespace, the owner and an end, and leaves all else as it is', () => {
  expect(made(job())).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'migrate',
      namespace: 'shop-prod',
      annotations: { 'slipway/project': 'shop', 'slipway/environment': 'prod' },
      labels: { 'app.kubernetes.io/managed-by': 'slipway' },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 600,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: `registry.example:5000/eap/api@${DIGEST}`, args: ['0644', '$(x)'] }],
        },
      },
    },
  })
})

test('a shorter time of its own stays, a longer one does not; it is not removed behind the back of who asks how it ended', () => {
  expect(made(job('  activeDeadlineSeconds: 5\n')).spec['activeDeadlineSeconds']).toBe(5)
  expect(made(job('  activeDeadlineSeconds: 9000\n')).spec['activeDeadlineSeconds']).toBe(600)
  expect(made(job('  ttlSecondsAfterFinished: 0\n')).spec).not.toHaveProperty('ttlSecondsAfterFinished')
})

test('an image that is no service of the project stays as it is written', () => {
  expect(JSON.stringify(made(job('', '', 'flyway/flyway:10')))).toContain('"flyway/flyway:10"')
})

test.each([
  ['', 'should hold one Job, and holds nothing'],
  [`${job()}---\n${job()}`, 'should hold one Job, and holds job/migrate, job/migrate'],
  [
    '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web } }',
    'should hold a Job (batch/v1), and holds deployment/web (apps/v1)',
  ],
  [job('', ', namespace: other'), 'puts the Job into namespace "other"; this environment is namespace shop-prod'],
  ['{ apiVersion: batch/v1, kind: Job, metadata: { name: x } }', 'holds a Job without spec.template'],
  [job('  suspend: true\n'), /sets spec\.suspend/],
  [job('  manualSelector: true\n'), /sets spec\.manualSelector/],
  ['a: [', /is not valid YAML/],
])('refuses %j', (text, problem) => {
  const result = makeJob({ ...input, text })
  expect(result.ok ? null : result.problem).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem))
})
