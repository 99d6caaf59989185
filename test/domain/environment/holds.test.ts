import { describe, expect, test } from 'vitest'
import { judgeHold, judgeRelease, type HoldKind } from '../../../domain/environment/lock.ts'
import { judgeRollback } from '../../../domain/environment/judge-rollback.ts'
import { reportFor } from '../../../domain/environment/report.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import { reviveEnvironment, type EnvironmentState } from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { environmentCommands, environmentWaits } from '../../../domain/environment/waits.ts'
import { absorbPreparation } from '../../../domain/environment/preparation.ts'
import { alpha, ANNE, prepared, request, running, verified } from '../samples.ts'

const BERT = { ...ANNE, name: 'bert' }
const [A, B] = [request('A'), request('B', { at: 1001 })]
const held = (state: EnvironmentState, kind: HoldKind, by = ANNE) =>
  judgeHold(state, kind, { by, reason: 'the database is moved' }, 5000).state

/** B is rendered and would start. */
function ready(state: EnvironmentState, wish = B): EnvironmentState {
  const asked = absorbRequest(state, wish, 6000)
  const { request: taken } = asked.waiting.at(-1)!
  return absorbPreparation(asked, taken, prepared(asked, taken), 6000)
}

describe('a locked environment', () => {
  test('starts nothing, says why, and goes on by itself when it is unlocked', () => {
    const locked = ready(held(verified(alpha(), A), 'lock'))
    expect(environmentStep(locked)).toBeNull()
    expect(environmentWaits(locked)).toMatchObject([
      {
        kind: 'locked',
        detail: `${B.tag} waits: alpha is locked by anne (unverified): the database is moved; slipway unlock alpha ends that`,
      },
    ])
    expect(reportFor(locked, '1.0.0').requests.at(-1)).toMatchObject({
      heldBy: 'locked',
      hold: 'locked by anne (unverified): the database is moved',
    })
    expect(environmentCommands(locked)).toContain('slipway unlock alpha')
    const free = judgeRelease(locked, 'lock', { by: ANNE, reason: null }, 7000).state
    expect(environmentStep(free)).toMatchObject({ kind: 'start', waiting: { request: { id: B.id } } })
    expect(free.entries.slice(-3).map(({ event }) => event)).toEqual(['locked', 'requested', 'unlocked'])
  })

  test('holds a person, too, and no way back passes', () => {
    const both = verified(verified(alpha(), A), B)
    const locked = held(both, 'lock')
    expect(environmentStep(ready(locked, request('C', { by: ANNE, at: 1002 })))).toBeNull()
    expect(judgeRollback(locked, { epoch: 1, by: BERT, reason: 'slow' }, 6000).answer).toMatchObject({
      ok: false,
      reason: 'alpha is locked by anne (unverified): the database is moved',
      next: ['slipway unlock alpha', 'slipway env alpha'],
    })
  })

  test('lets what runs already go on to its end, and shows the lock when nothing waits', () => {
    const locked = judgeHold(running(alpha(), A), 'lock', { by: ANNE, reason: 'x' }, 5000)
    expect(locked.answer).toMatchObject({ ok: true, text: expect.stringContaining(`${A.tag} is being deployed and goes on to its end`) })
    expect(environmentWaits(held(verified(alpha(), A), 'lock'))).toMatchObject([
      {
        kind: 'locked',
        detail: 'alpha is locked by anne (unverified): the database is moved; slipway unlock alpha ends that',
        since: 5000,
      },
    ])
  })
})

test('a lock that comes after a way back was asked for holds that, too, and a newer push takes it away from nobody', () => {
  const both = running(verified(verified(alpha(), A), B), request('C', { at: 1002 }))
  const asked = judgeRollback(both, { epoch: 1, by: BERT, reason: 'slow' }, 6000).state
  const pushed = absorbRequest(held(asked, 'lock'), request('D', { at: 1003 }), 7000)
  expect(pushed.waiting.map(({ request: { id } }) => id)).toEqual(['rollback-1', request('D').id])
  expect(environmentStep({ ...pushed, running: null })).toMatchObject({ kind: 'prepare', waiting: { request: { id: request('D').id } } })
})

test('a pinned environment is not changed by automation, and is by people', () => {
  const pinned = held(verified(verified(alpha(), A), B), 'pin')
  const [c, byHand] = [request('C', { at: 1002 }), request('D', { at: 1003, by: ANNE, version: '1.1.0' })]
  const waits = ready(pinned, c)
  expect(environmentStep(waits)).toBeNull()
  expect(environmentWaits(waits)).toMatchObject([
    { kind: 'pinned', detail: expect.stringContaining('alpha is pinned by anne (unverified)') },
  ])
  expect(environmentStep(ready(waits, byHand))).toMatchObject({ kind: 'start', waiting: { request: { id: byHand.id } } })
  const back = judgeRollback(waits, { epoch: 1, by: ANNE, reason: 'slow' }, 8000)
  expect(environmentStep(back.state)).toMatchObject({ kind: 'start', waiting: { request: { rollback: { epoch: 1 } } } })
})

describe.each(['lock', 'pin'] as const)('a %s', (kind) => {
  const words = kind === 'lock' ? 'locked' : 'pinned'
  test('needs a person and a reason, and there is one at a time; a denial is recorded', () => {
    const state = verified(alpha(), A)
    expect(judgeHold(state, kind, { by: ANNE, reason: ' ' }, 1).answer).toMatchObject({ ok: false, reason: `a ${kind} needs a reason` })
    expect(judgeHold(state, kind, { by: { kind: 'automation', name: 'x' }, reason: 'x' }, 1).answer).toMatchObject({ kind: 'rights' })
    const again = judgeHold(held(state, kind), kind, { by: BERT, reason: 'me, too' }, 6000)
    expect(again.answer).toMatchObject({ ok: false, reason: `alpha is ${words} by anne (unverified): the database is moved already` })
    expect(again.state.entries.at(-1)).toMatchObject({ event: 'denied', by: 'bert (unverified)' })
    expect(judgeRelease(state, kind, { by: ANNE, reason: null }, 1).answer).toMatchObject({ ok: false, reason: `alpha is not ${words}` })
  })

  test('is taken off by somebody else with a reason only', () => {
    const state = held(verified(alpha(), A), kind)
    expect(judgeRelease(state, kind, { by: BERT, reason: null }, 1).answer).toMatchObject({ ok: false })
    const free = judgeRelease(state, kind, { by: BERT, reason: 'anne is on holiday' }, 7000)
    expect(free).toMatchObject({ answer: { ok: true }, state: { [kind]: null } })
    expect(free.state.entries.at(-1)?.text).toContain('anne is on holiday')
  })
})

test('what an earlier version remembered is held by nobody', () => {
  const { lock: _lock, pin: _pin, crossings: _crossings, ...before } = verified(alpha(), A)
  expect(reviveEnvironment(before as EnvironmentState)).toMatchObject({ lock: null, pin: null, crossings: [] })
})
