import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { composeStatus } from '../../client/json/status.ts'
import { composeEnvironment } from '../../client/json/environment.ts'
import type { SprintPicture } from '../../client/picture.ts'
import type { PlanSeen, Preparation, WaitingRequest } from '../../domain/environment/state.ts'
import type { EnvironmentView } from '../../workflows/messages.ts'
import {
  A,
  ANNE,
  B,
  BEGIN,
  candidateOf,
  driftedProd,
  environmentOf,
  integrating,
  releasing,
  repositoryOf,
  requestOf,
  SETTINGS,
  sprintOf,
} from './sample.ts'
import { planResult } from './plan-result.ts'
import { opens, slipway } from './terminal.ts'

/** A merge-back with a branch in every state, a hotfix, and what nobody follows. */
function mergingBack(): SprintPicture {
  const target = { younger: false, since: BEGIN, mergedAs: null }
  const person = { kind: 'person', why: 'protected', reason: 'no push', steps: ['git push'], branch: 'merge-back/x' } as const
  const targets = [
    { ...target, branch: 'a', status: { kind: 'done', how: 'squash', tip: B } as const },
    { ...target, branch: 'b', status: { ...person, mergeRequest: { number: 7, url: 'https://forge.example/7' } } },
    { ...target, branch: 'c', status: { kind: 'retry', reason: 'away' } as const },
    { ...target, branch: 'd', status: { kind: 'open' } as const },
    { ...target, branch: 'e', status: { kind: 'stopped' } as const },
  ]
  const release = { tag: 'v1.0.0', revision: A }
  const mergeBack = { ...release, by: ANNE, sequence: 1, targets, stopped: null, ended: false }
  const sprint = sprintOf({ phase: 'mergingBack', release, live: release, hotfix: 'hotfix/v1.0.0-hotfix1', mergeBack })
  return { ...releasing(), sprint, unfollowed: [{ version: '0.9.0', refs: ['release-0.9.0'], hasBranch: true }] }
}

/** What an environment holds after a rollback. */
function wentBack() {
  const { state } = full()
  const current = state.current!
  const rollback = { epoch: 3, reason: 'slow' }
  const [waiting] = state.waiting
  const { preparation } = waiting!.stage as { preparation: Preparation }
  return environmentOf('prod', {
    ...state,
    current: { ...current, rollback: { fromEpoch: 5, fromTag: 'v1.0.0', fromVersion: null, by: ANNE, reason: 'slow' } },
    running: { ...state.running!, request: { ...state.running!.request, rollback } },
    parked: { ...state.parked!, request: { ...state.parked!.request, rollback } },
    past: [{ ...current, epoch: 0, adopted: true, snapshot: { ...current.snapshot, hash: '8'.repeat(64) } }],
    waiting: [
      { ...waiting!, stage: { kind: 'held', preparation, lacks: { tag: 'v0.9.0', commits: 3 } } },
      { ...waiting!, override: { by: ANNE, at: BEGIN, reason: 'urgent', replacesEpoch: 4 } },
      { ...waiting!, request: { ...waiting!.request, rollback }, stage: { kind: 'ready', preparation, approval: null, problem: null } },
    ],
    vetoes: [{ madeOf: 'x', tag: 'v1.0.0', epoch: 5, reason: 'slow', at: BEGIN }],
    followers: [{ version: '1.0.0', claim: 'hotfix', at: BEGIN }],
  })
}

const withProd = (view: EnvironmentView): SprintPicture => ({
  ...releasing(),
  environments: releasing().environments.map((each) => (each.settings.name === 'prod' ? { ...each, view } : each)),
})

test('a merge-back, in the shape that is promised', () => {
  const { live, hotfix, mergeBack, unfollowed } = composeStatus(mergingBack())
  const none = { how: null, revision: null, why: null, reason: null, steps: [], pushed: null, mergeRequest: null }
  const since = '2026-11-23T04:00:00.000Z'
  expect({ live, hotfix, unfollowed }).toEqual({
    live: { tag: 'v1.0.0', revision: A },
    hotfix: 'hotfix/v1.0.0-hotfix1',
    unfollowed: [{ version: '0.9.0', refs: ['release-0.9.0'], command: 'slipway adopt 0.9.0' }],
  })
  expect(mergeBack).toEqual({
    tag: 'v1.0.0',
    revision: A,
    stopped: null,
    ended: false,
    targets: [
      { ...none, branch: 'a', status: 'done', since, how: 'squash', revision: B },
      {
        ...none,
        branch: 'b',
        status: 'person',
        since,
        why: 'protected',
        reason: 'no push',
        steps: ['git push'],
        pushed: 'merge-back/x',
        mergeRequest: { number: 7, url: 'https://forge.example/7' },
      },
      { ...none, branch: 'c', status: 'retry', since, reason: 'away' },
      { ...none, branch: 'd', status: 'open', since },
      { ...none, branch: 'e', status: 'stopped', since },
    ],
  })
})

test('an environment after a rollback, in the shape that is promised', () => {
  const json = composeEnvironment({ settings: SETTINGS.environments[2]!, view: wentBack() }, BEGIN)
  expect(json).toMatchObject({
    rollbackTargets: [4, 0],
    vetoes: [{ epoch: 5, tag: 'v1.0.0', reason: 'slow', since: '2026-11-23T04:00:00.000Z' }],
    reservation: { version: '1.0.0', claim: 'hotfix', since: '2026-11-23T04:00:00.000Z' },
    current: { adopted: false, rollback: { fromEpoch: 5, fromTag: 'v1.0.0', fromVersion: null, by: 'anne (unverified)', reason: 'slow' } },
    past: [{ epoch: 0, adopted: true, rollback: null }],
    running: { rollback: { epoch: 3, reason: 'slow' } },
    parked: { rollback: { epoch: 3, reason: 'slow' } },
  })
  expect(json.waiting).toMatchObject([
    { stage: 'held', hash: '0123456789abcdef'.repeat(4), lacks: { tag: 'v0.9.0', commits: 3 }, override: null, rollback: null },
    { stage: 'awaitingApproval', lacks: null, override: { by: 'anne (unverified)', reason: 'urgent' } },
    { stage: 'ready', rollback: { epoch: 3, reason: 'slow' } },
  ])
})

const DIGEST = `sha256:${'d'.repeat(64)}`

async function schemaOf(name: string) {
  return z.fromJSONSchema(JSON.parse(await readFile(new URL(`../../schema/${name}.output.schema.json`, import.meta.url), 'utf8')))
}

const GLASS = { by: ANNE, at: BEGIN, reason: 'the shop is down', windows: ['weekend'] }
const FREEZE = {
  open: false,
  windows: [{ name: 'weekend', kind: 'deny' as const, reason: 'nobody is there' }],
  until: BEGIN,
  untilWords: 'Monday 08:00 Europe/Berlin',
  rollbacks: 'held' as const,
  at: BEGIN,
  again: BEGIN,
  since: BEGIN,
  problem: 'no worker polls',
}
const PLAN = { at: BEGIN, basis: '8'.repeat(64), whole: DIGEST, counts: { update: 1 }, removals: { names: ['delete job/a'], left: 2 } }

function planned(waiting: WaitingRequest, plan: PlanSeen): WaitingRequest {
  const { preparation } = waiting.stage as { preparation: Preparation }
  const stage = { kind: 'ready' as const, preparation: { ...preparation, plan }, approval: null, problem: null }
  return { ...waiting, stage, breakGlass: { ...GLASS, hash: preparation.requestHash } }
}

test('a freeze, who broke it, and the plan that was seen, in the shape that is promised', () => {
  const json = composeEnvironment({ settings: SETTINGS.environments[2]!, view: full() }, BEGIN)
  const glass = { by: 'anne (unverified)', at: '2026-11-23T04:00:00.000Z', reason: 'the shop is down', windows: ['weekend'] }
  expect(json.freeze).toMatchObject({ open: false, until: '2026-11-23T04:00:00.000Z', rollbacks: 'held', problem: 'no worker polls' })
  expect(json.unconfirmed).toEqual([{ epoch: 4, tag: 'v0.9.0', ...glass }])
  expect(json.current).toMatchObject({
    plans: { shown: null, begun: DIGEST },
    breakGlass: { ...glass, confirmed: { by: 'anne (unverified)', reason: null } },
  })
  expect(json.waiting.slice(1)).toMatchObject([
    { breakGlass: glass, plan: { basis: '8'.repeat(64), removals: ['delete job/a'], left: 2 } },
    { plan: { reason: 'away' } },
  ])
})

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
      plan: DIGEST,
      breakGlass: { ...GLASS, hash: '9'.repeat(64), confirmed: { by: ANNE, at: BEGIN, reason: null } },
    },
    freeze: FREEZE,
    unconfirmed: [{ ...GLASS, epoch: 4, tag: 'v0.9.0' }],
    waiting: [
      state.waiting[0]!,
      planned(state.waiting[0]!, { ok: true, ...PLAN }),
      planned(state.waiting[0]!, { ok: false, at: BEGIN, reason: 'away' }),
    ],
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
      {
        name: 'integration',
        revision: A,
        tag: 'develop.aaaaaaaa',
        epoch: 1,
        status: 'verified',
        since: '2026-11-23T04:00:00.000Z',
        drifted: false,
      },
      {
        name: 'alpha',
        revision: A,
        tag: 'release-1.0.0.aaaaaaaa',
        epoch: 1,
        status: 'verified',
        since: '2026-11-23T04:01:00.000Z',
        drifted: false,
      },
      { name: 'prod', revision: B, tag: 'v0.9.0', epoch: 4, status: 'awaitingApproval', since: '2026-11-23T04:03:00.000Z', drifted: false },
    ],
    release: { tag: 'v1.0.0', revision: A },
    live: null,
    hotfix: null,
    mergeBack: null,
    unfollowed: [],
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
  ['env', ['env', 'prod', '--json'], withProd(full())],
  ['env', ['env', 'prod', '--json'], withProd(wentBack())],
  ['env', ['env', 'prod', '--json'], withProd(driftedProd())],
  ['drift', ['drift', 'prod', '--json'], withProd(driftedProd())],
  ['status', ['status', '--json'], mergingBack()],
  ['history', ['history', '--json'], mergingBack()],
  ['history', ['history', '--json'], releasing()],
  ['logs', ['logs', 'develop', '--json'], integrating()],
  ['doctor', ['doctor', '--json'], integrating()],
  ['plan', ['plan', 'prod', '--json'], releasing()],
  ['plan', ['plan', 'alpha', 'develop', '--json'], integrating()],
] as const)('what is printed for %s fits its schema (%j)', async (name, argv, picture) => {
  const open = opens({
    repository: async () => picture.repository,
    sprint: async () => picture.sprint,
    environment: async (asked) => picture.environments.find(({ settings }) => settings.name === asked)?.view ?? null,
    mergeBack: async () => null,
    build: async (revision) => ({
      revision,
      services: [
        { service: 'website', status: 'failed', seconds: 1, log: DIGEST, retry: null },
        { service: 'api', status: 'building', seconds: null, log: null, retry: null },
      ],
    }),
    buildActivities: async () => [{ id: '1', type: 'buildImage', line: 'Step 1', service: 'api' }],
    inspect: async () => {
      const { epoch, at, findings, left } = driftedProd().state.drift!
      return { ok: true, text: 'drifted', tag: 'v0.9.0', epoch, at, findings, left, next: ['slipway env prod'] }
    },
    readLog: async () => ({ text: 'line \u202e\u0007', totalBytes: 6, nextOffset: null }),
    plan: async () =>
      planResult([{ object: 'configmap/a', change: 'update', diff: '+ \u202e\u0007', note: null }], {
        hooks: [{ name: 'migrate', when: 'after', kind: 'command' }],
        irreversible: { name: 'orders-2', reason: 'x' },
      }),
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
