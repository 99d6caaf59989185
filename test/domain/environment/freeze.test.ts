import { describe, expect, test } from 'vitest'
import { absorbReport, startDeployment } from '../../../domain/environment/deployments.ts'
import {
  absorbFreeze,
  absorbNoFreeze,
  askFreezeAt,
  mayStopFor,
  mustAskFreeze,
  waitsForFreeze,
  type FreezeAnswer,
} from '../../../domain/environment/freeze.ts'
import { judgeBreakGlass, MOST_UNCONFIRMED } from '../../../domain/environment/judge-break-glass.ts'
import { judgeConfirm } from '../../../domain/environment/judge-confirm.ts'
import { judgeRollback } from '../../../domain/environment/judge-rollback.ts'
import { absorbPreparation } from '../../../domain/environment/preparation.ts'
import { reportFor } from '../../../domain/environment/report.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { environmentCommands, environmentWaits } from '../../../domain/environment/waits.ts'
import { alpha, ANNE, prepared, request, settingsOf, verified } from '../samples.ts'

const BEN = { ...ANNE, name: 'ben' }
const HOUR = 3_600_000
const wish = request('B')
const settings = { ...settingsOf('alpha'), freeze: { rollbacks: 'pass' as const } }

const closed = (until: number | null, change: Partial<FreezeAnswer> = {}): FreezeAnswer => ({
  open: false,
  windows: [{ name: 'weekend', kind: 'deny', reason: 'nobody is there' }],
  until,
  untilWords: until === null ? null : '2026-11-30 08:00 Europe/Berlin',
  rollbacks: 'pass',
  ...change,
})
const open = (until: number | null = null): FreezeAnswer => ({ ...closed(until), open: true, windows: [] })

/** What would start but for the freeze. */
function ready(state: EnvironmentState = alpha(), of = wish): EnvironmentState {
  const asked = absorbRequest(state, of, 2000)
  return absorbPreparation(asked, of, { ...prepared(asked, of), settings }, 2000)
}

const frozen = (until: number | null = 50_000) => absorbFreeze(ready(), closed(until), 3000)
const hashOf = (state: EnvironmentState) => {
  const [waiting] = state.waiting
  return waiting !== undefined && 'preparation' in waiting.stage ? waiting.stage.preparation.requestHash : ''
}
const broken = (state = frozen(), by = ANNE) =>
  judgeBreakGlass(state, { request: wish.id, hash: hashOf(state), by, reason: 'the shop is down' }, 4000)

describe('a freeze', () => {
  test('keeps what is ready from starting, and says until when and what ends it', () => {
    const state = frozen()
    expect(environmentStep(ready())).toMatchObject({ kind: 'start' })
    expect(environmentStep(state)).toBeNull()
    expect(environmentWaits(state)).toMatchObject([
      {
        kind: 'freeze',
        until: 50_000,
        detail: `${wish.tag} waits: alpha is frozen by weekend (nobody is there), until 2026-11-30 08:00 Europe/Berlin; it begins by itself then; slipway override alpha ${wish.id} --freeze --reason … lets it begin now`,
      },
    ])
    expect(environmentCommands(state)[0]).toBe(`slipway override alpha ${wish.id} --freeze --reason …`)
    expect(reportFor(state, '1.0.0').requests).toMatchObject([{ heldBy: 'freeze', hold: expect.stringContaining('frozen by weekend') }])
    expect(state.entries.at(-1)?.event).toBe('frozen')
  })

  test('ends when a worker says so, and that is recorded once', () => {
    const opened = absorbFreeze(frozen(), open(), 60_000)
    expect(environmentStep(opened)).toMatchObject({ kind: 'start' })
    expect(opened.entries.at(-1)).toMatchObject({ event: 'opened', text: 'alpha is not frozen any more' })
    expect(absorbFreeze(opened, open(), 61_000).entries).toEqual(opened.entries)
    expect(absorbFreeze(frozen(), closed(60_000), 61_000).entries).toEqual(frozen().entries)
  })

  test('is asked about where the estate has one, at the start and again when it should end, hourly at least', () => {
    expect(mustAskFreeze(ready(), wish, 3000)).toBe(true)
    const { freeze: _freeze, ...without } = settings
    expect(mustAskFreeze({ ...ready(), settings: without }, wish, 3000)).toBe(false)
    // Taken out of the estate while something waited for it: only a worker can tell.
    expect(mustAskFreeze({ ...frozen(), settings: without }, wish, 60_000)).toBe(true)
    expect(mustAskFreeze(absorbFreeze(ready(), open(), 3000), wish, 4000)).toBe(false)
    expect(mustAskFreeze(absorbFreeze(ready(), open(), 3000), wish, 9000)).toBe(true)
    expect(mustAskFreeze(absorbFreeze(ready(), open(3500), 3000), wish, 4000)).toBe(true)

    expect(waitsForFreeze(ready())).toBe(false)
    expect(waitsForFreeze(frozen())).toBe(true)
    expect(askFreezeAt(frozen(50_000))).toBe(50_000)
    expect(askFreezeAt(frozen(100 * HOUR))).toBe(3000 + HOUR)
    expect(askFreezeAt(frozen(null))).toBe(3000 + HOUR)
    // A clock that runs behind asks again, and not without a pause.
    expect(askFreezeAt(frozen(2999))).toBe(4000)
  })

  test('that cannot be asked about holds on, and says why', () => {
    const state = absorbNoFreeze(frozen(), 'no worker polls the task queue', 60_000)
    expect(environmentStep(state)).toBeNull()
    expect(environmentWaits(state)[0]?.detail).toContain('whether it still is cannot be told: no worker polls the task queue')
    expect(askFreezeAt(state)).toBe(120_000)
    expect(absorbFreeze(state, closed(200_000), 120_000).freeze?.problem).toBeUndefined()
  })

  test('one outside of what allows is told as that', () => {
    const state = absorbFreeze(ready(), closed(null, { windows: [{ name: 'office hours', kind: 'allow' }] }), 3000)
    expect(environmentWaits(state)[0]?.detail).toContain('alpha is frozen outside of office hours, for more than a year')
  })
})

describe('a way back', () => {
  const before = () => verified(verified(alpha(), request('A', { at: 1 })), request('C', { at: 2 }))
  const back = (rollbacks: 'pass' | 'held') => {
    const state: EnvironmentState = { ...before(), settings: { ...settings, freeze: { rollbacks } } }
    return judgeRollback(state, { epoch: 1, by: ANNE, reason: 'slow' }, 5000).state
  }

  test('passes a freeze', () => {
    const state = absorbFreeze(back('pass'), closed(50_000), 6000)
    expect(environmentStep(state)).toMatchObject({ kind: 'start', waiting: { request: { rollback: { epoch: 1 } } } })
    expect(mustAskFreeze(state, state.waiting[0]!.request, 60_000)).toBe(false)
    expect(mayStopFor(state, state.waiting[0]!.request)).toBe(true)
  })

  test('is held where the estate says so, and then stops nothing that runs', () => {
    const state = absorbFreeze(back('held'), closed(50_000, { rollbacks: 'held' }), 6000)
    const { request: wanted } = state.waiting[0]!
    expect(environmentStep(state)).toBeNull()
    expect(environmentWaits(state)[0]).toMatchObject({ kind: 'freeze' })
    expect(mayStopFor(state, wanted)).toBe(false)
    // Before it is known, nothing is stopped either.
    expect(mayStopFor(back('held'), wanted)).toBe(false)
    expect(mayStopFor(absorbFreeze(back('held'), open(), 6000), wanted)).toBe(true)
    expect(mustAskFreeze(back('held'), wanted, 6000)).toBe(true)
  })
})

describe('breaking the glass', () => {
  test('lets one request begin, and waits for a second person afterwards', () => {
    const { state, answer } = broken()
    expect(answer).toMatchObject({ ok: true, text: expect.stringContaining('somebody else confirms that afterwards') })
    expect(state.entries.at(-1)).toMatchObject({ event: 'glassBroken', text: expect.stringContaining('the shop is down') })
    const step = environmentStep(state)
    if (step?.kind !== 'start') throw new Error('does not start')
    const started = startDeployment(state, step.waiting, step.preparation, 5000)
    expect(started.unconfirmed).toMatchObject([{ epoch: 1, tag: wish.tag, windows: ['weekend'], reason: 'the shop is down' }])
    expect(environmentWaits(started).at(-1)).toMatchObject({
      kind: 'confirmation',
      detail: expect.stringContaining('slipway confirm alpha 1'),
    })
    expect(environmentCommands(started)).toContain('slipway confirm alpha 1')

    const runs = absorbReport(started, { epoch: 1, kind: 'verified', observed: [] }, 6000)
    expect(runs.unconfirmed).toHaveLength(1)
    const own = judgeConfirm(runs, { epoch: 1, by: ANNE, reason: null }, 7000)
    expect(own.answer).toMatchObject({ ok: false, kind: 'rights' })
    expect(own.state.entries.at(-1)?.event).toBe('denied')
    expect(judgeConfirm(runs, { epoch: 2, by: BEN, reason: null }, 7000).answer).toMatchObject({ ok: false, kind: 'notFound' })
    const done = judgeConfirm(runs, { epoch: 1, by: BEN, reason: 'it had to be' }, 7000)
    expect(done.answer).toMatchObject({ ok: true })
    expect(done.state.unconfirmed).toEqual([])
    expect(done.state.current?.breakGlass).toMatchObject({ by: ANNE, confirmed: { by: BEN, at: 7000, reason: 'it had to be' } })
    expect(judgeConfirm(done.state, { epoch: 1, by: BEN, reason: null }, 8000).answer).toMatchObject({ ok: false })
  })

  test('one person under two names is known by the key', () => {
    const known = (name: string) => ({ kind: 'person', name, verified: true, key: 'SHA256:x' }) as const
    const { state } = broken(frozen(), known('anne'))
    const step = environmentStep(state)
    if (step?.kind !== 'start') throw new Error('does not start')
    const started = startDeployment(state, step.waiting, step.preparation, 5000)
    expect(judgeConfirm(started, { epoch: 1, by: known('anne.b'), reason: null }, 6000).answer).toMatchObject({ ok: false, kind: 'rights' })
  })

  test('asks nobody to confirm what began after the freeze had ended', () => {
    const opened = absorbFreeze(broken().state, open(), 4500)
    const step = environmentStep(opened)
    if (step?.kind !== 'start') throw new Error('does not start')
    expect(startDeployment(opened, step.waiting, step.preparation, 5000).unconfirmed).toEqual([])
  })

  test('is for what was seen: rendered anew to something else, it waits again', () => {
    const { state } = broken()
    const other = absorbPreparation(state, wish, { ...prepared(state, wish, 'ahead', 'other content'), settings }, 4500)
    expect(environmentStep(other)).toBeNull()
    expect(environmentWaits(other)[0]?.kind).toBe('freeze')
  })

  test('of what failed at the start because Temporal was lost is kept, and asked for once', () => {
    const { state } = broken()
    const step = environmentStep(state)
    if (step?.kind !== 'start') throw new Error('does not start')
    const started = startDeployment(state, step.waiting, step.preparation, 5000)
    const report = { epoch: 1, kind: 'failed', target: 'intact', step: 'applying', reason: 'fenced', observed: [], log: null } as const
    const found = absorbReport(started, { ...report, heldEpoch: 7 }, 6000)
    expect(found.unconfirmed).toEqual([])
    const again = environmentStep(found)
    if (again?.kind !== 'start') throw new Error('does not start again')
    expect(startDeployment(found, again.waiting, again.preparation, 7000).unconfirmed).toMatchObject([{ epoch: 8 }])
  })

  test.each([
    ['without a freeze', ready(), { hash: hashOf(ready()) }, 'is not frozen'],
    ['without a reason', frozen(), { reason: null }, 'needs a reason'],
    ['with another hash', frozen(), { hash: 'f'.repeat(64) }, 'has another hash'],
    ['for an unknown request', frozen(), { request: 'v9' }, 'no request v9'],
    ['by a machine', frozen(), { by: { kind: 'automation', name: 'bot' } as const }, 'needs the name of a person'],
    ['twice', broken().state, {}, 'may begin already'],
    [
      'when many wait to be confirmed',
      {
        ...frozen(),
        unconfirmed: Array.from({ length: MOST_UNCONFIRMED }, (_, epoch) => ({
          epoch,
          tag: 'v',
          by: ANNE,
          at: 1,
          reason: 'r',
          windows: [],
        })),
      },
      {},
      'wait to be confirmed',
    ],
  ])('%s is denied and recorded', (_, state, change, words) => {
    const denied = judgeBreakGlass(state, { request: wish.id, hash: hashOf(state), by: ANNE, reason: 'now', ...change }, 4000)
    expect(denied.answer).toMatchObject({ ok: false, reason: expect.stringContaining(words) })
    expect(denied.state.entries.at(-1)?.event).toBe('denied')
  })
})
