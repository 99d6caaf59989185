import { expect, test, vi } from 'vitest'
import type { PlannedChange } from '../../activities/contract.ts'
import { failed } from '../../client/exit.ts'
import { A, B, BEGIN, candidateOf, D, deployedOf, environmentOf, integrating, releasing, repositoryOf, requestOf } from './sample.ts'
import { planResult } from './plan-result.ts'
import { opens, slipway } from './terminal.ts'

const CHANGES: readonly PlannedChange[] = [
  { object: 'configmap/old', change: 'delete', diff: '@@ -1,1 +0,0 @@\n-kind: ConfigMap', note: null },
  { object: 'job/migrate', change: 'replace', diff: null, note: 'spec.template cannot change while it is there' },
  { object: 'secret/keys', change: 'create', diff: '@@ -0,0 +1,1 @@\n+  password: "***"', note: null },
  { object: 'deployment/website', change: 'update', diff: '@@ -1,2 +1,2 @@\n   name: a\n-  image: one\n+  image: two', note: null },
  { object: 'widget/w', change: 'unknown', diff: null, note: 'a webhook of the cluster cannot be asked beforehand' },
  { object: 'configmap/a', change: 'unchanged', diff: null, note: null },
  { object: 'configmap/kept', change: 'unchanged', diff: null, note: 'no longer wanted, and stays: it was there before Slipway' },
]

const house = (parts: Parameters<typeof opens>[0] = {}) => {
  const picture = releasing()
  return opens({
    repository: async () => ({
      ...picture.repository,
      builds: [{ status: 'built', revision: A, since: BEGIN, candidate: candidateOf(A) }],
    }),
    environment: async (name) => picture.environments.find(({ settings }) => settings.name === name)?.view ?? environmentOf(name),
    plan: async () => planResult(CHANGES),
    ...parts,
  })
}

test('what waits, in place of what, and every object with its change', async () => {
  const more = {
    lacks: 2,
    hooks: [{ name: 'migrate', when: 'before', kind: 'job' } as const],
    irreversible: { name: 'orders-2', reason: 'drops the column price' },
  }
  const plan = vi.fn(async () => planResult(CHANGES, more))
  expect(await slipway(['plan', 'prod'], { open: house({ plan }) })).toEqual({
    code: 0,
    err: '',
    out: `
prod  v1.0.0 at aaaaaaaa
  in place of v0.9.0 (epoch 4, bbbbbbbb)
  it lacks v0.9.0, 2 commits
  before it: the hook migrate (job)
  it cannot be taken back, because of orders-2: drops the column price
  - configmap/old  delete
      @@ -1,1 +0,0 @@
      -kind: ConfigMap
-/+ job/migrate  replace
      spec.template cannot change while it is there
  + secret/keys  create
      @@ -0,0 +1,1 @@
      +  password: "***"
  ~ deployment/website  update
      @@ -1,2 +1,2 @@
         name: a
      -  image: one
      +  image: two
  ? widget/w  unknown
      a webhook of the cluster cannot be asked beforehand
  = configmap/kept  unchanged
      no longer wanted, and stays: it was there before Slipway

1 to create, 1 to update, 1 to replace, 1 to delete, 1 that cannot be told beforehand, 2 unchanged
`.trimStart(),
  })
  const { state } = releasing().environments[2]!.view!
  const [waiting] = state.waiting
  // What an approval is about, as it was rendered, and not rendered again.
  expect(plan).toHaveBeenCalledWith({
    environment: 'prod',
    what: { kind: 'snapshot', snapshot: waiting!.stage.kind === 'awaitingApproval' && waiting!.stage.preparation.snapshot },
    current: { epoch: 4, snapshot: state.current!.snapshot },
  })
})

test('colours for those who want them, none for NO_COLOR', async () => {
  const open = house()
  const { out } = await slipway(['plan', 'prod'], { open, io: { env: { FORCE_COLOR: '1' } } })
  expect(out).toContain('\u001b[32m+  image: two\u001b[39m')
  expect(out).toContain('\u001b[31m-  image: one\u001b[39m')
  const plain = await slipway(['plan', 'prod'], { open, io: { env: { FORCE_COLOR: '1', NO_COLOR: '1' } } })
  expect(plain.out).not.toContain('\u001b')
})

test.each([
  ['v1.0.0', A, 'v1.0.0'],
  ['release-1.0.0', A, 'release-1.0.0.aaaaaaaa'],
  ['release-1.0.0.aaaaaaaa', A, 'release-1.0.0.aaaaaaaa'],
  ['develop.aaaaaaaa', A, 'develop.aaaaaaaa'],
  [A.slice(0, 8), A, 'release-1.0.0.aaaaaaaa'],
  ['v0.8.0', D, 'v0.8.0'],
] as const)('%s is a candidate', async (wanted, revision, tag) => {
  const plan = vi.fn(async () => planResult([]))
  const environment = async () => environmentOf('alpha', { current: deployedOf(candidateOf(D), 'v0.8.0', 2, BEGIN) })
  expect(await slipway(['plan', 'alpha', wanted], { open: house({ plan, environment }) })).toMatchObject({ code: 0, err: '' })
  expect(plan).toHaveBeenCalledWith(expect.objectContaining({ what: { kind: 'candidate', candidate: candidateOf(revision), tag } }))
})

test('what a rollback would change is what was kept', async () => {
  const plan = vi.fn(async () => planResult([]))
  const past = deployedOf(candidateOf(D), 'v0.8.0', 2, BEGIN, {
    snapshot: { ...deployedOf(candidateOf(D), 'v0.8.0', 2, BEGIN).snapshot, hash: 'd'.repeat(64) },
  })
  const environment = async () => environmentOf('prod', { epoch: 4, current: deployedOf(candidateOf(B), 'v0.9.0', 4, BEGIN), past: [past] })
  const open = house({ plan, environment })
  expect(await slipway(['plan', 'prod', '--to', '2'], { open })).toMatchObject({ code: 0, out: expect.stringContaining('nothing changes') })
  expect(plan).toHaveBeenCalledWith(expect.objectContaining({ what: { kind: 'snapshot', snapshot: past.snapshot, back: true } }))
  expect(await slipway(['plan', 'prod', '--to', '77'], { open })).toMatchObject({
    code: 4,
    err: expect.stringContaining('epoch 77 was never verified in prod'),
  })
})

test('a first deployment, and one that changes nothing', async () => {
  const unchanged: readonly PlannedChange[] = ['a', 'b'].map((name) => ({
    object: `configmap/${name}`,
    change: 'unchanged',
    diff: null,
    note: null,
  }))
  const environment = async () => environmentOf('alpha')
  const { out } = await slipway(['plan', 'alpha', 'v1.0.0'], { open: house({ environment, plan: async () => planResult(unchanged) }) })
  expect(out).toBe(
    [
      'alpha  v1.0.0 at aaaaaaaa',
      '  it is the first deployment: there is nothing to restore',
      'nothing changes: all 2 objects are there already',
      '',
    ].join('\n'),
  )
})

test('of a plan that is too large for a history, the store has the rest', async () => {
  const many = Array.from({ length: 300 }, (_, index): PlannedChange => ({
    object: `configmap/c${index}`,
    change: 'update',
    diff: `@@ -1,1 +1,1 @@\n+${'x'.repeat(7000)}`,
    note: null,
  }))
  const text = JSON.stringify({ changes: many, basis: '' })
  const readLog = vi.fn(async (_digest: string, offset: number) => {
    const end = offset + 1_000_000
    return { text: text.slice(offset, end), totalBytes: text.length, nextOffset: end < text.length ? end : null }
  })
  const { out } = await slipway(['plan', 'prod', '--json'], { open: house({ plan: async () => planResult(many), readLog }) })
  expect(JSON.parse(out)).toMatchObject({ changes: many, counts: { update: 300 } })
  expect(readLog.mock.calls.length).toBe(Math.ceil(text.length / 1_000_000))
})

test('what cannot be planned says why', async () => {
  const nothing = environmentOf('alpha')
  const open = house({ environment: async (name) => (name === 'nope' ? null : nothing) })
  expect(await slipway(['plan', 'nope', 'v1.0.0'], { open })).toMatchObject({
    code: 4,
    err: expect.stringContaining('there are: integration, alpha, prod'),
  })
  expect(await slipway(['plan', 'alpha', 'v1.0.1'], { open })).toMatchObject({
    code: 4,
    err: 'no image tag, branch, tag or revision v1.0.1 of website is known; did you mean v1.0.0?\n  next: slipway plan alpha v1.0.0\n  next: slipway status\n',
  })
  expect(await slipway(['plan', 'alpha'], { open })).toMatchObject({
    code: 3,
    err: expect.stringContaining('nothing that is rendered waits in alpha'),
  })

  const builds = integrating().repository
  const failedBuild = { status: 'failed' as const, revision: B, since: BEGIN, reason: 'COPY failed', log: null }
  const branch = { ref: 'refs/heads/develop', revision: B, since: BEGIN, wanted: true, named: true, problem: null }
  const building = house({ environment: async () => nothing, repository: async () => ({ ...builds, refs: [branch] }) })
  expect(await slipway(['plan', 'alpha', 'develop'], { open: building })).toMatchObject({
    code: 3,
    err: expect.stringContaining('is being built'),
  })
  const broken = house({
    environment: async () => nothing,
    repository: async () => repositoryOf({ refs: [branch], builds: [failedBuild] }),
  })
  expect(await slipway(['plan', 'alpha', 'develop'], { open: broken })).toMatchObject({
    code: 3,
    err: expect.stringContaining('COPY failed'),
  })

  const refusal = async () => Promise.reject(failed('plan did not succeed: The cluster does not take service/bad: spec.ports[0].port'))
  expect(await slipway(['plan', 'prod'], { open: house({ plan: refusal }) })).toEqual({
    code: 1,
    out: '',
    err: 'plan did not succeed: The cluster does not take service/bad: spec.ports[0].port\n',
  })
})

test('a placed script does what only it knows', async () => {
  const { state } = environmentOf('alpha')
  const environment = async () => environmentOf('alpha', { settings: { ...state.settings!, target: 'script' } })
  const plan = vi.fn()
  expect(await slipway(['plan', 'alpha', 'v1.0.0'], { open: house({ environment, plan }) })).toMatchObject({
    code: 3,
    err: expect.stringContaining('a plan of alpha is not available for a script target'),
  })
  expect(plan).not.toHaveBeenCalled()
})

test('of several that wait, one is named', async () => {
  const prod = releasing().environments[2]!.view!
  const [first] = prod.state.waiting
  const second = { ...first!, request: requestOf(candidateOf(B), 'v0.9.1', BEGIN) }
  const environment = async () => environmentOf('prod', { ...prod.state, waiting: [first!, second] })
  expect(await slipway(['plan', 'prod'], { open: house({ environment }) })).toMatchObject({
    code: 2,
    err: '2 requests wait in prod; name one\n  next: slipway plan prod v1.0.0\n  next: slipway plan prod v0.9.1\n',
  })
  expect(await slipway(['plan', 'prod', 'v0.9.1', '--json'], { open: house({ environment }) })).toMatchObject({
    code: 0,
    out: expect.stringContaining('"request": "v0.9.1"'),
  })
})
