import { expect, test } from 'vitest'
import type { ContainerStatus, Pod } from '../../../activities/kustomize/live.ts'
import { podProblem } from '../../../activities/kustomize/pod-problem.ts'

function pod(status: Pod['status']): Pod {
  return {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'main', image: 'r.example/eap/website@sha256:x' }] },
    ...(status ? { status } : {}),
  }
}

function main(status: Partial<ContainerStatus>): Pod {
  return pod({ phase: 'Pending', containerStatuses: [{ name: 'main', restartCount: 0, ready: false, ...status }] })
}

const exited = { terminated: { exitCode: 3, reason: 'Error' } }

test.each<[string, Pod, { kind: string; words: RegExp; graceMs?: number } | null]>([
  ['nothing yet', pod(undefined), null],
  ['running', main({ state: { running: {} } }), null],
  [
    'not found',
    main({ state: { waiting: { reason: 'ErrImagePull', message: 'r.example/eap/website@sha256:x: not found' } } }),
    { kind: 'image', words: /^ErrImagePull: .*not found$/, graceMs: 3000 },
  ],
  [
    'back-off names the image',
    main({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off' } } }),
    { kind: 'image', words: /\(r\.example\/eap\/website@sha256:x\)$/ },
  ],
  [
    'registry away',
    main({ state: { waiting: { reason: 'ErrImagePull', message: 'dial tcp 10.0.0.1:5000: connect: connection refused' } } }),
    { kind: 'registry', words: /refused/, graceMs: 30_000 },
  ],
  ['bad name', main({ state: { waiting: { reason: 'InvalidImageName' } } }), { kind: 'image', words: /InvalidImageName/, graceMs: 0 }],
  [
    'missing config',
    main({ state: { waiting: { reason: 'CreateContainerConfigError', message: 'configmap "a" not found' } } }),
    { kind: 'configuration', words: /configmap "a" not found/ },
  ],
  [
    'crash loop',
    main({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: exited }),
    { kind: 'crash', words: /^CrashLoopBackOff, exit code 3 \(Error\), 1 restart$/, graceMs: 0 },
  ],
  [
    'between crashes',
    main({ restartCount: 2, state: { running: {} }, lastState: exited }),
    { kind: 'crash', words: /^exit code 3 \(Error\), 2 restarts$/ },
  ],
  [
    'two crashes, before it is called a loop',
    main({ restartCount: 1, state: exited }),
    { kind: 'crash', words: /^exit code 3 \(Error\), 1 restart$/, graceMs: 500 },
  ],
  [
    'a pod that runs once failed',
    pod({ phase: 'Failed', containerStatuses: [{ name: 'main', state: exited }] }),
    { kind: 'failed', words: /^exit code 3 \(Error\), 0 restarts$/ },
  ],
  ['one crash seen', main({ restartCount: 0, state: exited }), null],
  ['one crash', main({ restartCount: 1, state: { running: {} }, lastState: exited }), null],
  ['ended well and again', main({ restartCount: 2, state: { running: {} }, lastState: { terminated: { exitCode: 0 } } }), null],
  ['recovered', main({ restartCount: 5, ready: true, state: { running: {} }, lastState: exited }), null],
  [
    'init crash',
    pod({
      initContainerStatuses: [{ name: 'init', restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: exited }],
      containerStatuses: [{ name: 'main', state: { waiting: { reason: 'PodInitializing' } } }],
    }),
    { kind: 'crash', words: /exit code 3/ },
  ],
  [
    'no node',
    pod({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes: insufficient cpu' }],
    }),
    { kind: 'unschedulable', words: /insufficient cpu/, graceMs: 5000 },
  ],
  ['creating', main({ state: { waiting: { reason: 'ContainerCreating' } } }), { kind: 'starting', words: /not created/ }],
  ['evicted', pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }), { kind: 'failed', words: /^Evicted: low on memory$/ }],
  ['ended well', pod({ phase: 'Succeeded' }), null],
])('%s', (_name, given, expected) => {
  const problem = podProblem(given)
  if (!expected) expect(problem).toBeNull()
  else {
    expect(problem).toMatchObject({ kind: expected.kind, ...(expected.graceMs === undefined ? {} : { graceMs: expected.graceMs }) })
    expect(problem?.words).toMatch(expected.words)
  }
})

test('a pod that is going away has no problem', () => {
  const given = main({ state: { waiting: { reason: 'CrashLoopBackOff' } } })
  expect(podProblem({ ...given, metadata: { ...given.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })).toBeNull()
})
