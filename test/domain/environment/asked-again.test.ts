import { expect, test } from 'vitest'
import { judgeRetry, retriable } from '../../../domain/environment/judge-retry.ts'
import { judgeRollback } from '../../../domain/environment/judge-rollback.ts'
import { absorbPreparation, absorbUnpreparable } from '../../../domain/environment/preparation.ts'
import { reportFor } from '../../../domain/environment/report.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import { absorbFollowing } from '../../../domain/environment/reservation.ts'
import { absorbWithdraw } from '../../../domain/environment/withdraw.ts'
import { absorbReport, startDeployment } from '../../../domain/environment/deployments.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { alpha, ANNE, failed, prepared, request, running, verified } from '../samples.ts'

const [A, B] = [request('A', { at: 1000 }), request('B', { at: 1001 })]
const OTHER = request('C', { version: '2.0.0', by: { kind: 'automation', name: 'sprint 2.0.0' }, at: 900 })

function wayBackTo(state: EnvironmentState, epoch: number): EnvironmentState {
  const asked = judgeRollback(state, { epoch, by: ANNE, reason: 'it is slow' }, 6000).state
  const [first] = asked.waiting
  if (first?.stage.kind !== 'ready') throw new Error(`the way back is ${first?.stage.kind}`)
  return startDeployment(asked, first, first.stage.preparation, 6001)
}

test('a branch that goes back to what runs takes the place of what failed after it', () => {
  const parked = failed(running(verified(alpha(), A), B), 'restored')
  const state = absorbRequest(parked, { ...A, at: 9000 }, 9000)
  expect(state.parked).toBeNull()
  expect(retriable(state)).toBeNull()
})

test('a way back keeps what allows it: the approval of what it brings, or that this ran before Slipway', () => {
  const approval = { request: A.id, hash: 'h', by: ANNE, at: 2000, reason: null }
  const two = verified(verified(alpha(), A), B)
  const back = (state: EnvironmentState, epoch: number) =>
    absorbReport(wayBackTo(state, epoch), { epoch: state.epoch + 1, kind: 'verified', observed: [] }, 7000)
  const past = (change: object) => ({ ...two, past: two.past.map((each) => ({ ...each, ...change })) })
  const approved = back(past({ approval }), 1)
  expect(approved.current).toMatchObject({ approval: null, rests: approval })
  // And so does the way forth, and the next way back, which go to a way back themselves.
  expect(back(back({ ...approved, vetoes: [] }, 2), 3).current).toMatchObject({ epoch: 5, rests: approval })
  expect(back(past({ adopted: true }), 1).current?.rests).toBe('adopted')
  expect(back(two, 1).current?.rests).toBeUndefined()
})

test('what failed before a way back that fails can still be asked for', () => {
  const two = verified(verified(alpha(), A), B)
  const wish = request('D', { at: 1002 })
  const unpreparable = absorbUnpreparable(absorbRequest(two, wish, 5000), wish, 'the overlay does not render', 5001)
  expect(retriable(failed(wayBackTo(unpreparable, 1), 'intact'))?.tag).toBe(wish.tag)
})

test('a way back that failed is told as one, for it is nobody’s release', () => {
  const state = failed(wayBackTo(verified(verified(alpha(), A), B), 1), 'intact')
  expect(reportFor(state, '1.0.0').requests.at(-1)).toMatchObject({ tag: A.tag, stage: 'parked', rollback: true })
})

test('of what failed, what need not wait for another sprint is asked for first, and the rest stays', () => {
  const parked = failed(running(alpha(), OTHER), 'intact')
  const asked = absorbRequest(parked, A, 5000)
  const both = absorbPreparation(asked, A, prepared(asked, A), 5001)
  const rejected = { ...both, waiting: [], rejected: [A] }
  const held = absorbFollowing(rejected, { version: '1.0.0', claim: 'release', open: true, at: 5002 }, 5002)
  const { state, answer } = judgeRetry(held, ANNE, 6000)
  expect(answer).toMatchObject({ ok: true, text: `${A.tag} is asked for again in alpha` })
  expect(state.parked?.request.tag).toBe(OTHER.tag)
})

test('what was asked for again and ran is not told as it ended before', () => {
  const old = absorbWithdraw(absorbRequest(alpha(), A, 2000), { version: '1.0.0', tag: A.tag, reason: 'moved', mayReturn: true }, 2001)
  expect(reportFor(old, '1.0.0').requests).toMatchObject([{ stage: 'aborted' }])
  const asked = judgeRetry(old, ANNE, 3000).state
  const [again] = asked.waiting
  const ready = absorbPreparation(asked, again!.request, prepared(asked, again!.request), 3001)
  const [next] = ready.waiting
  if (next?.stage.kind !== 'ready') throw new Error('not ready')
  const started = startDeployment(ready, next, next.stage.preparation, 3002)
  const runs = absorbReport(started, { epoch: 1, kind: 'verified', observed: [] }, 3003)
  expect(reportFor(runs, '1.0.0').requests).toEqual([])
})

test('what an ended sprint took back is not held against one that begins anew', () => {
  const taken = { version: '1.0.0', tag: A.tag, reason: 'the sprint 1.0.0 was aborted', mayReturn: false }
  const state = absorbWithdraw(absorbRequest(alpha(), A, 2000), taken, 2001)
  expect(state.closed).toMatchObject([{ outcome: 'aborted' }])
  expect(reportFor(state, '1.0.0').requests).toEqual([])
})
