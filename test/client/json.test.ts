import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { composeStatus } from '../../client/json/status.ts'
import { A, B, BEGIN, candidateOf, environmentOf, integrating, releasing, repositoryOf, requestOf } from './sample.ts'
import { opens, slipway } from './terminal.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`

async function schemaOf(name: string) {
  return z.fromJSONSchema(JSON.parse(await readFile(new URL(`../../schema/${name}.output.schema.json`, import.meta.url), 'utf8')))
}

/** Everything that can be in one environment at once. */
function full() {
  const candidate = candidateOf(A)
  const { state } = releasing().environments[2]!.view!
  const { running } = integrating().environments[0]!.view!.state
  const approval = { request: 'v0.9.0', hash: '9'.repeat(64), by: requestOf(candidate, 'x', BEGIN).by, at: BEGIN, reason: 'fine' }
  return environmentOf('prod', {
    ...state,
    current: {
      ...state.current!,
      approval,
      signOff: { verdict: 'pass', by: { kind: 'person', name: 'anne', verified: true }, at: BEGIN, message: null },
    },
    running: { ...running!, retry: { reason: 'the host does not answer', at: BEGIN + 1 } },
    parked: {
      request: requestOf(candidate, 'v1.0.0', BEGIN),
      epoch: null,
      target: 'intact',
      step: 'prepare',
      reason: 'x',
      observed: ['y'],
      log: null,
      since: BEGIN,
    },
    past: [state.current!],
  })
}

test('status, in the shape that is promised', () => {
  expect(composeStatus(releasing())).toEqual({
    version: '1.0.0',
    phase: 'releasing',
    since: '2026-11-23T04:03:00.000Z',
    features: [],
    candidates: [
      {
        revision: A,
        refs: ['release-1.0.0', 'v1.0.0'],
        images: {
          api: { tags: ['develop.aaaaaaaa', 'release-1.0.0.aaaaaaaa', 'v1.0.0'], digest: `sha256:${'1'.repeat(64)}`, reused: true },
          website: { tags: ['develop.aaaaaaaa', 'release-1.0.0.aaaaaaaa', 'v1.0.0'], digest: `sha256:${'a'.repeat(64)}`, reused: false },
        },
      },
    ],
    environments: [
      { name: 'integration', revision: A, tag: 'develop.aaaaaaaa', epoch: 1, status: 'verified', since: '2026-11-23T04:00:00.000Z' },
      { name: 'alpha', revision: A, tag: 'release-1.0.0.aaaaaaaa', epoch: 1, status: 'verified', since: '2026-11-23T04:01:00.000Z' },
      { name: 'prod', revision: B, tag: 'v0.9.0', epoch: 4, status: 'awaitingApproval', since: '2026-11-23T04:03:00.000Z' },
    ],
    release: { tag: 'v1.0.0', revision: A },
    waitingFor: [
      {
        kind: 'approval',
        detail: 'v1.0.0 waits for approval by alice or bob',
        since: '2026-11-23T04:03:00.000Z',
        environment: 'prod',
        request: 'v1.0.0',
        hash: '0123456789abcdef'.repeat(4),
      },
    ],
    next: ['slipway approve prod', 'slipway reject prod --reason …', 'slipway abort 1.0.0 --reason …'],
  })
})

test('a repository that cannot be read is the first thing that is waited for', () => {
  const outage = { reason: 'the remote does not answer', since: BEGIN }
  const [first] = composeStatus({ ...integrating(), repository: repositoryOf({ outage }) }).waitingFor
  expect(first).toEqual({ kind: 'remote', detail: 'the remote does not answer', since: '2026-11-23T04:00:00.000Z' })
})

test.each([
  ['status', ['status', '--json'], integrating()],
  ['status', ['status', '--json'], releasing()],
  ['env', ['env', '--json'], integrating()],
  ['env', ['env', '--json'], releasing()],
  [
    'env',
    ['env', 'prod', '--json'],
    {
      ...releasing(),
      environments: releasing().environments.map((each) => (each.settings.name === 'prod' ? { ...each, view: full() } : each)),
    },
  ],
  ['history', ['history', '--json'], releasing()],
  ['logs', ['logs', 'develop', '--json'], integrating()],
  ['doctor', ['doctor', '--json'], integrating()],
] as const)('what is printed for %s fits its schema (%j)', async (name, argv, picture) => {
  const open = opens({
    repository: async () => picture.repository,
    sprint: async () => picture.sprint,
    environment: async (asked) => picture.environments.find(({ settings }) => settings.name === asked)?.view ?? null,
    build: async (revision) => ({
      revision,
      services: [
        { service: 'website', status: 'failed', seconds: 1, log: DIGEST, retry: null },
        { service: 'api', status: 'building', seconds: null, log: null, retry: null },
      ],
    }),
    buildActivities: async () => [{ id: '1', type: 'buildImage', line: 'Step 1', service: 'api' }],
    readLog: async () => ({ text: 'line \u202e\u0007', totalBytes: 6, nextOffset: null }),
    doctor: async () => ({ findings: [{ part: 'engine', ok: true, detail: 'answers', fix: null, queue: 'slipway-build' }] }),
  })
  const { out, err } = await slipway(argv, { open, io: { now: () => picture.now } })
  expect(err).toBe('')
  const schema = await schemaOf(name)
  expect(schema.safeParse(JSON.parse(out))).toMatchObject({ success: true })
  // The schema is not one that anything fits.
  expect(schema.safeParse({ ...JSON.parse(out), other: 1 }).success).toBe(false)
  expect(out).not.toContain('\u202e')
  expect(out).not.toContain('\u0007')
})
