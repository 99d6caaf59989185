import { expect, test } from 'vitest'
import { customStatus } from '../../../activities/kustomize/custom-status.ts'

type Status = Record<string, unknown> | undefined
type Case = [name: string, apiVersion: string, kind: string, status: Status, state: string, line: RegExp, lastsMs?: number]

const GENERATION = 3
const CANARY = ['argoproj.io/v1alpha1', 'Rollout'] as const
const CERTIFICATE = ['cert-manager.io/v1', 'Certificate'] as const
const KNATIVE = ['serving.knative.dev/v1', 'Service'] as const
const OTHER = ['apps.example/v1', 'Widget'] as const

const condition = (type: string, status: string, more: object = {}) => ({ type, status, ...more })
const now = { observedGeneration: GENERATION }

const cases: Case[] = [
  [
    'a canary that goes on',
    ...CANARY,
    { observedGeneration: '3', phase: 'Progressing', message: 'more replicas need to be updated' },
    'waiting',
    /^Progressing: more replicas/,
  ],
  [
    'a canary that waits for a person',
    ...CANARY,
    { observedGeneration: '3', phase: 'Paused', message: 'CanaryPauseStep' },
    'waiting',
    /^Paused: CanaryPauseStep$/,
  ],
  ['a canary at its end', ...CANARY, { observedGeneration: '3', phase: 'Healthy' }, 'done', /^Healthy$/],
  [
    'a canary that was aborted',
    ...CANARY,
    { observedGeneration: '3', phase: 'Degraded', message: 'RolloutAborted: metric "errors" assessed Failed' },
    'failed',
    /^Degraded: RolloutAborted: metric/,
  ],
  ['the phase of the generation before', ...CANARY, { observedGeneration: '2', phase: 'Degraded' }, 'waiting', /not seen the change/],
  ['a hash instead of a generation', ...CANARY, { observedGeneration: '7b6d5fc9c', phase: 'Healthy' }, 'done', /^Healthy$/, 2000],
  [
    'the phase counts, not the conditions',
    ...CANARY,
    { observedGeneration: '3', phase: 'Healthy', conditions: [condition('Progressing', 'True')] },
    'done',
    /^Healthy$/,
  ],
  ['an analysis that failed', 'argoproj.io/v1alpha1', 'AnalysisRun', { phase: 'Failed', message: 'metric' }, 'failed', /^Failed: metric$/],

  [
    'a certificate that is being issued',
    ...CERTIFICATE,
    {
      conditions: [
        condition('Ready', 'False', { reason: 'DoesNotExist', message: 'no secret', ...now }),
        condition('Issuing', 'True', now),
      ],
    },
    'waiting',
    /^Ready is False \(DoesNotExist\): no secret$/,
  ],
  [
    'a certificate that is not issued for now',
    ...CERTIFICATE,
    { conditions: [condition('Ready', 'False', now), condition('Issuing', 'False', { reason: 'Failed', message: 'denied', ...now })] },
    'failed',
    /^Issuing is False \(Failed\): denied$/,
    5000,
  ],
  ['a certificate', ...CERTIFICATE, { conditions: [condition('Ready', 'True', now)] }, 'done', /^ready$/],
  [
    'a certificate that is renewed',
    ...CERTIFICATE,
    { conditions: [condition('Ready', 'True', now), condition('Issuing', 'True', now)] },
    'waiting',
    /^Issuing is True/,
  ],
  [
    'a condition of the generation before',
    ...CERTIFICATE,
    { conditions: [condition('Ready', 'True', { observedGeneration: 2 })] },
    'waiting',
    /not seen the change/,
  ],
  [
    'a failure of the generation before',
    ...OTHER,
    { conditions: [condition('Ready', 'True', now), condition('Failed', 'True', { observedGeneration: 2 })] },
    'done',
    /^ready$/,
  ],

  [
    'a service that comes up',
    ...KNATIVE,
    { ...now, conditions: [condition('RoutesReady', 'Unknown'), condition('Ready', 'Unknown', { reason: 'RevisionMissing' })] },
    'waiting',
    /^Ready is Unknown \(RevisionMissing\)$/,
  ],
  [
    'a service that has given up',
    ...KNATIVE,
    { ...now, conditions: [condition('Ready', 'False', { reason: 'RevisionFailed', message: 'exit code 1' })] },
    'failed',
    /^Ready is False \(RevisionFailed\): exit code 1$/,
    5000,
  ],
  [
    'a service that serves',
    ...KNATIVE,
    { ...now, conditions: [condition('ConfigurationsReady', 'True'), condition('Ready', 'True')] },
    'done',
    /^ready$/,
  ],
  [
    'a name that only looks like it',
    'notknative.dev/v1',
    'Service',
    { ...now, conditions: [condition('Ready', 'False')] },
    'waiting',
    /^Ready is False$/,
  ],

  [
    'not ready is not failed',
    ...OTHER,
    { ...now, conditions: [condition('Ready', 'False', { message: 'one moment' })] },
    'waiting',
    /^Ready is False: one moment$/,
  ],
  [
    'degraded, for some time',
    ...OTHER,
    { ...now, conditions: [condition('Available', 'True'), condition('Degraded', 'True', { message: 'no quorum' })] },
    'failed',
    /^Degraded is True: no quorum$/,
    5000,
  ],
  [
    'stalled',
    ...OTHER,
    { ...now, conditions: [condition('Stalled', 'True'), condition('Reconciling', 'True')] },
    'failed',
    /^Stalled/,
    5000,
  ],
  [
    'reconciling',
    ...OTHER,
    { ...now, conditions: [condition('Ready', 'True'), condition('Reconciling', 'True')] },
    'waiting',
    /^Reconciling/,
  ],
  [
    'out of its time',
    ...OTHER,
    { ...now, conditions: [condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })] },
    'failed',
    /ProgressDeadlineExceeded/,
    5000,
  ],
  [
    'available and still changing',
    ...OTHER,
    { ...now, conditions: [condition('Available', 'True'), condition('Progressing', 'True', { reason: 'ReplicaSetUpdated' })] },
    'waiting',
    /^Progressing is True \(ReplicaSetUpdated\)$/,
  ],
  [
    'available and through',
    ...OTHER,
    { ...now, conditions: [condition('Available', 'True'), condition('Progressing', 'True', { reason: 'NewReplicaSetAvailable' })] },
    'done',
    /^available$/,
  ],
  [
    'healthy is one word of two',
    ...OTHER,
    { ...now, conditions: [condition('Healthy', 'True'), condition('Available', 'False')] },
    'waiting',
    /^Available is False$/,
  ],
  [
    'nothing wrong',
    ...OTHER,
    { ...now, conditions: [condition('Degraded', 'False'), condition('Progressing', 'False')] },
    'done',
    /^nothing of it is underway$/,
  ],

  ['no generation anywhere', ...OTHER, { conditions: [condition('Ready', 'True')] }, 'done', /^ready$/, 2000],
  [
    'the generation before',
    ...OTHER,
    { observedGeneration: 2, conditions: [condition('Failed', 'True')] },
    'waiting',
    /not seen the change/,
  ],
  ['no status', ...OTHER, undefined, 'done', /^applied; it says nothing/, 3000],
  ['a status without a word of it', ...OTHER, { ...now, url: 'x' }, 'done', /^applied; it says nothing/],
  ['conditions of others', ...OTHER, { ...now, conditions: [condition('Scheduled', 'False')] }, 'done', /^applied; it says nothing/],
  ['a status of any shape', ...OTHER, { observedGeneration: {}, conditions: 'x', phase: 7 }, 'done', /^applied; it says nothing/, 3000],
  [
    'conditions of any shape',
    ...OTHER,
    { ...now, conditions: [null, 'Ready', { type: 1, status: true }, condition('Ready', 'True', { message: {} })] },
    'done',
    /^ready$/,
  ],
  [
    'words that move the cursor',
    ...OTHER,
    { ...now, conditions: [condition('Ready', 'False', { message: '\u001B[2Jx\ny' })] },
    'waiting',
    /^Ready is False: x y$/,
  ],
]

test.each(cases)('%s', (_name, apiVersion, kind, status, state, line, lastsMs) => {
  const object = { metadata: { name: 'x', generation: GENERATION }, ...(status ? { status } : {}) }
  const progress = customStatus(apiVersion, kind, object, { hasStatus: true })
  expect(progress).toMatchObject({ state, line: expect.stringMatching(line) })
  expect('lastsMs' in progress ? progress.lastsMs : undefined).toBe(lastsMs)
})

test('a kind that has no status of its own: each word of its controller is a new generation, and silence is the end', () => {
  const metadata = { name: 'x', generation: 9 }
  const spoken = { metadata, status: { observedGeneration: 8, conditions: [condition('Ready', 'True')] } }
  expect(customStatus(...OTHER, spoken, { hasStatus: false })).toEqual({ state: 'done', line: 'ready' })
  expect(customStatus(...OTHER, { metadata }, { hasStatus: false })).toEqual({
    state: 'done',
    line: 'applied; it says nothing of its state',
  })
})

test('what is being deleted is waited for', () => {
  const metadata = { name: 'x', generation: 3, deletionTimestamp: '2026-11-01T00:00:00Z' }
  expect(customStatus(...OTHER, { metadata }, { hasStatus: true })).toMatchObject({ state: 'waiting' })
})
