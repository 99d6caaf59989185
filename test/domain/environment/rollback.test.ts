import { expect, test } from 'vitest'
import { absorbReport } from '../../../domain/environment/deployments.ts'
import { judgeRollback } from '../../../domain/environment/judge-rollback.ts'
import { planMoved } from '../../../domain/environment/plan-seen.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { alpha, ANNE, failed, request, running, verified } from '../samples.ts'

const [A, B, C] = [request('A'), request('B', { at: 1001 }), request('C', { at: 1002 })]
const back = (state: EnvironmentState, epoch: number, more: object = {}, moved: string | null = null) =>
  judgeRollback(state, { epoch, by: ANNE, reason: 'it is slow', ...more }, 9000, moved)

test('a way back to what was begun and never verified is refused with the reason, and so is one to what was never begun', () => {
  const state = failed(running(verified(alpha(), A), B), 'restored')
  expect(back(state, 2)).toMatchObject({
    answer: { ok: false, kind: 'state', reason: expect.stringContaining('epoch 2 was never verified in alpha') },
    state: { waiting: [] },
  })
  expect(back(state, 2).state.entries.at(-1)).toMatchObject({ event: 'denied', text: expect.stringContaining('rollback to epoch 2') })
  expect(back(state, 3).answer).toMatchObject({ ok: false, kind: 'notFound', reason: expect.stringContaining('alpha has no epoch 3') })
})

test('a way back to what is vetoed is refused with the reason, with what lifts that and where else to go', () => {
  const state = verified(verified(verified(alpha(), A), B), C)
  const waiting = back(state, 1).state.waiting[0]!
  if (waiting.stage.kind !== 'ready') throw new Error('not ready')
  const { snapshot } = waiting.stage.preparation
  const gone: EnvironmentState = {
    ...state,
    epoch: 4,
    running: { ...running(alpha(), A).running!, epoch: 4, request: waiting.request, preparation: waiting.stage.preparation },
  }
  const went = absorbReport(gone, { epoch: 4, kind: 'verified', observed: [] }, 8000)
  expect(went.current).toMatchObject({ epoch: 4, snapshot: { hash: snapshot.hash } })
  expect(back(went, 3).answer).toMatchObject({
    ok: false,
    kind: 'state',
    reason: expect.stringMatching(/\(epoch 3\) is vetoed in alpha: rolled back by anne \(unverified\): it is slow/),
    next: ['slipway unveto alpha 3 --reason …', 'slipway rollback alpha --to 2 --reason …'],
  })
})

test('a failure of the infrastructure vetoes nothing, one of the candidate does', () => {
  const end = {
    epoch: 2,
    kind: 'failed',
    target: 'restored',
    step: 'verifying',
    reason: 'x',
    observed: [],
    log: null,
    heldEpoch: null,
  } as const
  const bad = running(verified(alpha(), A), B)
  expect(absorbReport(bad, { ...end, unhealthy: false }, 5000).vetoes).toEqual([])
  expect(absorbReport(bad, { ...end, unhealthy: true }, 5000).vetoes).toMatchObject([{ epoch: 2 }])
})

test('the plan that was shown: a way back goes on when the target has moved and says so, unless it is to be as planned', () => {
  const state = verified(verified(alpha(), A), B)
  const answer = { ok: true, basis: 'f'.repeat(64) } as Extract<Parameters<typeof planMoved>[1], { ok: true }>
  expect(planMoved('ffffffff', answer)).toBeNull()
  expect(planMoved('fffffff', answer)).not.toBeNull()
  const moved = planMoved('0'.repeat(64), answer)
  expect(moved).toBe('the target has moved since the plan 000000000000… (ffffffffffff… now)')
  expect(planMoved('0'.repeat(64), { ok: false, reason: 'the cluster is away' })).toBe(
    'whether the target has moved since the plan 000000000000… cannot be told: the cluster is away',
  )
  const urgent = back(state, 1, { plan: '0'.repeat(64) }, moved)
  expect(urgent.answer).toMatchObject({ ok: true, text: expect.stringContaining(moved!) })
  expect(urgent.state.entries.at(-1)).toMatchObject({ event: 'rollback', text: expect.stringContaining(moved!) })
  const strict = back(state, 1, { plan: '0'.repeat(64), onlyAsPlanned: true }, moved)
  expect(strict).toMatchObject({
    answer: { ok: false, kind: 'state', next: ['slipway plan alpha --to 1'] },
    state: { waiting: [] },
  })
  expect(back(state, 1, { plan: 'f'.repeat(64), onlyAsPlanned: true }).answer).toMatchObject({ ok: true })
})

test('what was seen when something was verified is kept, bounded, for what runs and what one can go back to', () => {
  const lines = Array.from({ length: 30 }, (_, number) => `line ${number} ${'x'.repeat(400)}`)
  let state = alpha()
  for (let number = 0; number < 15; number++) {
    const started = running(state, request(`R${number}`, { at: 1000 + number }))
    state = absorbReport(started, { epoch: started.epoch, kind: 'verified', observed: lines }, 5000)
  }
  const { current, past } = state
  expect(current?.observed).toHaveLength(10)
  expect(Math.max(...current!.observed!.map((line) => line.length))).toBe(200)
  expect(past[0]?.observed).toHaveLength(10)
  // What was seen makes room for what one can go back to, not the other way round.
  expect(past).toHaveLength(10)
  expect(past.at(-1)?.observed).toBeUndefined()
  expect(JSON.stringify(state).length).toBeLessThan(64 * 1024)
})
