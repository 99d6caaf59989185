import { expect, test, vi } from 'vitest'
import { refuse } from '../../domain/wait.ts'
import type { Deployed, EnvironmentState, Veto } from '../../domain/environment/state.ts'
import { madeOf } from '../../domain/snapshot.ts'
import { A, ANNE, B, BEGIN, candidateOf, D, deployedOf, environmentOf, MINUTE, preparationOf, requestOf } from './sample.ts'
import { planResult } from './plan-result.ts'
import { opens, slipway } from './terminal.ts'

const anne = ['--as', 'anne']
const by = { kind: 'person', name: 'anne', verified: false }
const HOUR = 60 * MINUTE
const now = () => BEGIN + 5 * MINUTE
const ok = (text: string) => async () => ({ ok: true as const, text })

const snapshotOf = (revision: string, tag: string) => ({
  ...preparationOf(candidateOf(revision), tag).snapshot,
  hash: revision[0]!.repeat(64),
})
const approved = (name: string, tag: string): Deployed['approval'] => ({
  request: tag,
  hash: '9'.repeat(64),
  by: { ...ANNE, name },
  at: BEGIN,
  reason: null,
})
const ran = (revision: string, tag: string, epoch: number, ago: number, more: Partial<Deployed> = {}) =>
  deployedOf(candidateOf(revision), tag, epoch, now() - ago, { snapshot: snapshotOf(revision, tag), ...more })

const v2 = ran(A, 'v1.0.0', 6, HOUR, { approval: approved('alice', 'v1.0.0') })
const v1 = ran(B, 'v0.9.0', 4, 48 * HOUR, { approval: approved('bob', 'v0.9.0') })
const old = ran(D, 'v0.8.0', 0, 72 * HOUR, { adopted: true })
const veto: Veto = { madeOf: madeOf(snapshotOf(B, 'v0.9.0')), tag: 'v0.9.0', epoch: 4, reason: 'rolled back by bob: it is slow', at: BEGIN }
const prod = environmentOf('prod', { epoch: 6, current: v2, past: [v1, old] })

test('a rollback says from what to what it goes, then it is said', async () => {
  const rollback = vi.fn(ok('prod goes back to v0.9.0 (epoch 4)'))
  const plan = vi.fn(async () =>
    planResult([{ object: 'deployment/website', change: 'update', diff: '@@ -1,1 +1,1 @@\n-a\n+b', note: null }]),
  )
  const open = opens({ environment: async () => prod, rollback, plan })
  expect(await slipway([...anne, 'rollback', 'prod', '--reason', 'it is slow'], { open, io: { now } })).toEqual({
    code: 0,
    out: `
prod  goes back
  from  v1.0.0  epoch 6  aaaaaaaa  verified 2026-11-23 03:05:00 UTC, 1 h ago  approved by alice (unverified)
  to    v0.9.0  epoch 4  bbbbbbbb  verified 2026-11-21 04:05:00 UTC, 2 d ago  approved by bob (unverified)
  api      111111111111  as it runs now
  website  bbbbbbbbbbbb  in place of aaaaaaaaaaaa
  ~ deployment/website  update
      @@ -1,1 +1,1 @@
      -a
      +b

1 to update
prod goes back to v0.9.0 (epoch 4)
`.trimStart(),
    err: '',
  })
  expect(rollback).toHaveBeenCalledWith('prod', { epoch: 4, by, reason: 'it is slow', plan: '8'.repeat(64) })
  await slipway([...anne, 'rollback', 'prod', '--plan', '88888888', '--reason', 'x'], { open, io: { now } })
  expect(rollback).toHaveBeenLastCalledWith('prod', { epoch: 4, by, reason: 'x', plan: '88888888', onlyAsPlanned: true })
  // What is kept of that time, not rendered again.
  expect(plan).toHaveBeenCalledWith({
    environment: 'prod',
    what: { kind: 'snapshot', snapshot: v1.snapshot, back: true },
    current: { epoch: 6, snapshot: v2.snapshot },
  })
})

test('a plan that cannot be had is said, and a rollback goes on without it', async () => {
  const rollback = vi.fn(ok('done'))
  const away = async () => Promise.reject(new Error('the cluster does not answer'))
  const { code, out } = await slipway([...anne, 'rollback', 'prod', '--reason', 'x'], {
    open: opens({ environment: async () => prod, rollback, plan: away }),
  })
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('  without a plan: the cluster does not answer') })
  const plan = vi.fn()
  await slipway([...anne, 'rollback', 'prod', '--no-plan', '--reason', 'x'], {
    open: opens({ environment: async () => prod, rollback, plan }),
  })
  expect(plan).not.toHaveBeenCalled()
  expect(rollback.mock.calls).toEqual([1, 2].map(() => ['prod', { epoch: 4, by, reason: 'x' }]))
})

test.each([
  [['--to', '0'], 0],
  [['--to', '4'], 4],
  [['--to', '77'], 77],
  [['--to', 'v0.8.0'], 0],
  [['--to', 'v1.0.0'], 6],
] as const)('%j is epoch %d; what cannot be is for the environment to refuse and to record', async (to, epoch) => {
  const rollback = vi.fn(async () => refuse('no'))
  const { code } = await slipway([...anne, 'rollback', 'prod', ...to, '--reason', 'x'], {
    open: opens({ environment: async () => prod, rollback }),
  })
  expect(rollback).toHaveBeenCalledWith('prod', { epoch, by, reason: 'x' })
  expect(code).toBe(3)
})

test('of a tag that was deployed several times, the newest that is something else than what runs', async () => {
  const again = ran(B, 'v1.0.0', 5, 2 * HOUR)
  const rollback = vi.fn(ok('done'))
  const environment = async () => environmentOf('prod', { epoch: 6, current: v2, past: [again, v1] })
  await slipway([...anne, 'rollback', 'prod', '--to', 'v1.0.0', '--reason', 'x'], { open: opens({ environment, rollback }) })
  expect(rollback).toHaveBeenCalledWith('prod', expect.objectContaining({ epoch: 5 }))
})

test('what is vetoed is left out, and passed on when it is named', async () => {
  const rollback = vi.fn(async (_name: string, _wish: { epoch: number }) =>
    refuse('v0.9.0 (epoch 4) is vetoed in prod: it is slow', ['slipway unveto prod 4 --reason …']),
  )
  const environment = async () => environmentOf('prod', { epoch: 6, current: v2, past: [v1, old], vetoes: [veto] })
  const open = opens({ environment, rollback })
  await slipway([...anne, 'rollback', 'prod', '--reason', 'x'], { open })
  expect(await slipway([...anne, 'rollback', 'prod', '--to', 'v0.9.0', '--reason', 'x'], { open })).toMatchObject({
    code: 3,
    err: 'refused: v0.9.0 (epoch 4) is vetoed in prod: it is slow\n  next: slipway unveto prod 4 --reason …\n',
  })
  expect(rollback.mock.calls.map(([, wish]) => wish.epoch)).toEqual([0, 4])
})

test('a tag that never ran: exit 4, the nearest name, and what one can go back to', async () => {
  const open = opens({ environment: async () => prod })
  expect(await slipway([...anne, 'rollback', 'prod', '--to', 'v0.9.1', '--reason', 'x'], { open })).toEqual({
    code: 4,
    out: '',
    err: `v0.9.1 was never verified in prod, or too long ago; did you mean v0.9.0? One can go back to v0.9.0 (epoch 4), v0.8.0 (epoch 0)
  next: slipway rollback prod --to 4 --reason …
  next: slipway rollback prod --to 0 --reason …
`,
  })
  expect(await slipway([...anne, 'rollback', 'prod', '--to', 'develop.12345678', '--reason', 'x'], { open })).toMatchObject({
    code: 4,
    err: expect.stringContaining('develop.12345678 was never verified in prod, or too long ago; one can go back to v0.9.0 (epoch 4)'),
  })
})

test.each<[Partial<EnvironmentState>, string]>([
  [{}, 'nothing was verified in prod yet: there is nothing to go back to'],
  [{ epoch: 6, current: v2 }, 'nothing else was verified in prod before v1.0.0 (epoch 6)'],
  [
    { epoch: 6, current: v2, past: [v1], vetoes: [veto] },
    'nothing else was verified in prod before v1.0.0 (epoch 6) that is not vetoed (v0.9.0, epoch 4)',
  ],
])('where there is nothing to go back to it is refused (%#)', async (state, sentence) => {
  const open = opens({ environment: async () => environmentOf('prod', state) })
  expect(await slipway([...anne, 'rollback', 'prod', '--reason', 'x'], { open })).toEqual({
    code: 3,
    out: '',
    err: `refused: ${sentence}\n${state.vetoes === undefined ? '' : '  next: slipway unveto prod 4 --reason …\n'}  next: slipway env prod\n`,
  })
})

const held = (id: string) => ({
  request: requestOf(candidateOf(B), id, BEGIN),
  since: BEGIN,
  stage: {
    kind: 'held' as const,
    preparation: preparationOf(candidateOf(B), id, 6),
    lacks: { tag: 'v1.0.0', commits: 3 },
  },
})
const HASH = '0123456789abcdef'.repeat(4)
const holding = environmentOf('prod', { epoch: 6, current: v2, waiting: [held('v0.9.0-hotfix1')] })

test.each(['override', 'reject'] as const)('%s finds the request that is held, and shows what it lacks', async (action) => {
  const said = vi.fn(ok('done'))
  const { out, code } = await slipway([...anne, action, 'prod', '--hash', HASH.slice(0, 8), '--reason', 'urgent'], {
    open: opens({ environment: async () => holding, [action]: said }),
  })
  expect(said).toHaveBeenCalledWith('prod', { request: 'v0.9.0-hotfix1', hash: HASH, by, reason: 'urgent' })
  expect(out).toContain('  it lacks v1.0.0, 3 commits\n')
  expect(code).toBe(0)
})

test('approve passes a held request on only when it is named, and says what it is otherwise', async () => {
  const approve = vi.fn(async () => refuse('v0.9.0-hotfix1 is held in prod: it lacks v1.0.0, 3 commits'))
  const open = opens({ environment: async () => holding, approve })
  expect(await slipway([...anne, 'approve', 'prod'], { open })).toMatchObject({
    code: 3,
    err: expect.stringContaining(
      'refused: nothing waits for approval in prod: v0.9.0-hotfix1 is held\n  next: slipway override prod v0.9.0-hotfix1 --reason …',
    ),
  })
  expect(await slipway([...anne, 'approve', 'prod', 'v0.9.0-hotfix1'], { open })).toMatchObject({ code: 3 })
  expect(approve).toHaveBeenCalledWith('prod', { request: 'v0.9.0-hotfix1', hash: HASH, by, reason: null })
})

test('what is approved and has not begun can be rejected by name, with its hash', async () => {
  const ready = {
    ...held('v1.0.1'),
    stage: { kind: 'ready' as const, preparation: held('v1.0.1').stage.preparation, approval: approved('bob', 'v1.0.1'), problem: null },
  }
  const reject = vi.fn(ok('done'))
  const open = opens({ environment: async () => environmentOf('prod', { current: v2, waiting: [ready] }), reject })
  await slipway([...anne, 'reject', 'prod', 'v1.0.1', '--reason', 'x'], { open })
  expect(reject).toHaveBeenCalledWith('prod', { request: 'v1.0.1', hash: HASH, by, reason: 'x' })
})

test('override: several are told apart by name, none is refused, another hash is refused', async () => {
  const two = environmentOf('prod', { current: v2, waiting: [held('a'), held('b')] })
  expect(await slipway([...anne, 'override', 'prod', '--reason', 'x'], { open: opens({ environment: async () => two }) })).toEqual({
    code: 2,
    out: '',
    err: '2 requests are held in prod; name one\n  next: slipway override prod a --reason …\n  next: slipway override prod b --reason …\n',
  })
  expect(await slipway([...anne, 'override', 'prod', '--reason', 'x'], { open: opens({}) })).toMatchObject({
    code: 3,
    err: 'refused: nothing is held in prod\n',
  })
  const open = opens({ environment: async () => holding })
  expect(await slipway([...anne, 'override', 'prod', '--hash', 'ffffffff', '--reason', 'x'], { open })).toMatchObject({ code: 3 })
})

test('veto by epoch or by tag, and what is not known is judged, or named with the nearest', async () => {
  const veto = vi.fn(async (_name: string, _wish: unknown) => ({ ok: true as const, text: 'v1.0.0 (epoch 1) is vetoed in prod' }))
  const open = opens({ environment: async () => environmentOf('prod', { past: [] }), veto })
  expect(await slipway([...anne, 'veto', 'prod', '3', '--reason', 'slow'], { open })).toMatchObject({ code: 0 })
  expect(veto.mock.calls).toEqual([['prod', { epoch: 3, by, reason: 'slow' }]])
  expect(await slipway([...anne, 'veto', 'prod', 'v9.9.9', '--reason', 'x'], { open })).toMatchObject({ code: 4 })
})

test('unveto by epoch or by tag; an unknown tag: exit 4 with the nearest and with what is vetoed', async () => {
  const unveto = vi.fn(async (_name: string, _wish: unknown) => ({ ok: true as const, text: 'the veto is lifted' }))
  const open = opens({ environment: async () => environmentOf('prod', { vetoes: [{ ...veto, epoch: 2, madeOf: 'x' }, veto] }), unveto })
  for (const what of ['4', 'v0.9.0', '9']) await slipway([...anne, 'unveto', 'prod', what, '--reason', 'mended'], { open })
  expect(unveto.mock.calls.map(([, wish]) => wish)).toEqual([4, 4, 9].map((epoch) => ({ epoch, by, reason: 'mended' })))
  expect(await slipway([...anne, 'unveto', 'prod', 'v0.9.2', '--reason', 'x'], { open })).toMatchObject({
    code: 4,
    err: 'v0.9.2 is not vetoed in prod; did you mean v0.9.0? Vetoed: v0.9.0 (epoch 2), v0.9.0 (epoch 4)\n  next: slipway env prod\n',
  })
})
