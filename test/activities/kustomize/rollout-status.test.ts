import { expect, test } from 'vitest'
import type { Workload } from '../../../activities/kustomize/live.ts'
import { rollsOut, rolloutStatus } from '../../../activities/kustomize/rollout-status.ts'

type Case = [
  name: string,
  apiVersion: string,
  kind: string,
  spec: Workload['spec'],
  status: Workload['status'],
  expected: [state: string, line: RegExp],
]

const cases: Case[] = [
  [
    'not seen yet',
    'apps/v1',
    'Deployment',
    { replicas: 1 },
    { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    ['waiting', /has not seen the change/],
  ],
  ['no status yet', 'apps/v1', 'Deployment', { replicas: 1 }, {}, ['waiting', /has not seen the change/]],
  [
    'some updated',
    'apps/v1',
    'Deployment',
    { replicas: 3 },
    { observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 3 },
    ['waiting', /^1 of 3 replicas updated$/],
  ],
  [
    'old ones left',
    'apps/v1',
    'Deployment',
    { replicas: 2 },
    { observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 2 },
    ['waiting', /^1 old replica to end$/],
  ],
  [
    'not available',
    'apps/v1',
    'Deployment',
    { replicas: 2 },
    { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1 },
    ['waiting', /^1 of 2 updated replicas available$/],
  ],
  [
    'done',
    'apps/v1',
    'Deployment',
    { replicas: 2 },
    { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
    ['done', /^2 of 2 replicas ready$/],
  ],
  ['scaled to nothing', 'apps/v1', 'Deployment', { replicas: 0 }, { observedGeneration: 2 }, ['done', /^0 of 0/]],
  ['paused', 'apps/v1', 'Deployment', { replicas: 2, paused: true }, { observedGeneration: 2 }, ['failed', /paused/]],
  [
    'deadline',
    'apps/v1',
    'Deployment',
    { replicas: 2 },
    {
      observedGeneration: 2,
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' }],
    },
    ['failed', /timed out/],
  ],
  [
    'sts not ready',
    'apps/v1',
    'StatefulSet',
    { replicas: 2 },
    { observedGeneration: 2, readyReplicas: 1, updateRevision: 'b', currentRevision: 'b' },
    ['waiting', /1 of 2 replicas ready/],
  ],
  [
    'sts updating',
    'apps/v1',
    'StatefulSet',
    { replicas: 2 },
    { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 1, updateRevision: 'b', currentRevision: 'a' },
    ['waiting', /1 of 2 replicas updated/],
  ],
  [
    'sts done',
    'apps/v1',
    'StatefulSet',
    { replicas: 2 },
    { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 2, updateRevision: 'b', currentRevision: 'b' },
    ['done', /2 of 2/],
  ],
  [
    'sts partition waiting',
    'apps/v1',
    'StatefulSet',
    { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
    { observedGeneration: 2, readyReplicas: 3, updatedReplicas: 1 },
    ['waiting', /1 of 2 replicas updated/],
  ],
  [
    'sts partition done',
    'apps/v1',
    'StatefulSet',
    { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
    { observedGeneration: 2, readyReplicas: 3, updatedReplicas: 2 },
    ['done', /partition 1/],
  ],
  [
    'sts OnDelete',
    'apps/v1',
    'StatefulSet',
    { replicas: 1, updateStrategy: { type: 'OnDelete' } },
    { observedGeneration: 2, readyReplicas: 1, updateRevision: 'b', currentRevision: 'a' },
    ['done', /OnDelete/],
  ],
  [
    'ds updating',
    'apps/v1',
    'DaemonSet',
    {},
    { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
    ['waiting', /1 of 2 pods updated/],
  ],
  [
    'ds unavailable',
    'apps/v1',
    'DaemonSet',
    {},
    { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
    ['waiting', /1 of 2 pods available/],
  ],
  [
    'ds done',
    'apps/v1',
    'DaemonSet',
    {},
    { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
    ['done', /2 of 2/],
  ],
  ['rs', 'apps/v1', 'ReplicaSet', { replicas: 2 }, { observedGeneration: 2, availableReplicas: 1 }, ['waiting', /1 of 2/]],
  ['job running', 'batch/v1', 'Job', { completions: 1 }, { active: 1 }, ['waiting', /0 of 1 done, 1 running, 0 failed/]],
  ['job complete', 'batch/v1', 'Job', {}, { conditions: [{ type: 'Complete', status: 'True' }] }, ['done', /complete/]],
  [
    'job failed',
    'batch/v1',
    'Job',
    {},
    { conditions: [{ type: 'Failed', status: 'True', message: 'reached backoff limit' }] },
    ['failed', /backoff limit/],
  ],
  ['job suspended', 'batch/v1', 'Job', { suspend: true }, {}, ['done', /suspended/]],
  ['pod pending', 'v1', 'Pod', {}, { phase: 'Pending' }, ['waiting', /pending/]],
  ['pod running', 'v1', 'Pod', {}, { phase: 'Running' }, ['waiting', /not ready/]],
  ['pod ready', 'v1', 'Pod', {}, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, ['done', /ready/]],
  ['pod ended', 'v1', 'Pod', {}, { phase: 'Succeeded' }, ['done', /ended well/]],
  ['pod failed', 'v1', 'Pod', {}, { phase: 'Failed' }, ['failed', /failed/]],
]

test.each(cases)('%s', (_name, apiVersion, kind, spec, status, [state, line]) => {
  const object = { metadata: { name: 'x', generation: 2 }, spec, status } as Workload
  expect(rolloutStatus(apiVersion, kind, object)).toMatchObject({ state, line: expect.stringMatching(line) })
})

test('pods that cannot be made are said with the waiting', () => {
  const status = {
    observedGeneration: 1,
    replicas: 0,
    conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }],
  }
  expect(rolloutStatus('apps/v1', 'Deployment', { metadata: { name: 'x', generation: 1 }, spec: { replicas: 1 }, status })).toMatchObject({
    state: 'waiting',
    stuck: 'exceeded quota',
  })
})

test.each([
  ['v1', 'Service'],
  // Until a pod wants it, a claim may rightly stay unbound.
  ['v1', 'PersistentVolumeClaim'],
  ['batch/v1', 'CronJob'],
  ['other.example/v1', 'Deployment'],
])('%s %s is none of the kinds that roll out', (apiVersion, kind) => {
  expect(rollsOut({ apiVersion, kind })).toBe(false)
})
