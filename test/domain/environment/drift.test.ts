import { describe, expect, test } from 'vitest'
import { absorbDrift, absorbNoDrift, type Drift } from '../../../domain/environment/drift.ts'
import { judgeInspect } from '../../../domain/environment/judge-inspect.ts'
import { judgeRollback, rollbackTargets } from '../../../domain/environment/judge-rollback.ts'
import { judgeSignOff } from '../../../domain/environment/judge-sign-off.ts'
import { absorbReport, startDeployment } from '../../../domain/environment/deployments.ts'
import { newEnvironment, reviveEnvironment, type EnvironmentState } from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { environmentCommands, environmentWaits } from '../../../domain/environment/waits.ts'
import { alpha, ANNE, failed, request, running, verified } from '../samples.ts'

const [A, B] = [request('A'), request('B', { at: 1001 })]
const at = Date.parse('2026-11-25T22:00:00Z')
const replicas: Drift = { object: 'deployment/website', field: '.spec.replicas', expected: '2', found: '5', by: 'kubectl-edit', at }
const gone: Drift = { object: 'configmap/a', field: null, expected: 'there', found: 'missing', by: null, at: null }
const saw = (state: EnvironmentState, drift: Drift[], now: number, left = 0) => absorbDrift(state, { drift, left }, now)
const events = (state: EnvironmentState) => state.entries.map(({ event }) => event).filter((event) => event.startsWith('drift'))
const here = verified(alpha(), A)

describe('drift', () => {
  test('is told with what differs and who changed it, and with what mends it', () => {
    const state = saw(here, [replicas, gone], 5000, 3)
    expect(environmentWaits(state)).toEqual([
      {
        kind: 'drift',
        detail:
          'drifted: deployment/website .spec.replicas is 5 instead of 2, last changed by kubectl-edit at 2026-11-25T22:00:00Z; and 4 more',
        since: 5000,
        environment: 'alpha',
      },
    ])
    expect(environmentCommands(state)).toContain('slipway rollback alpha --to 1 --reason …')
  })

  test('enters the record when it appears, changes and is gone, and not at each look', () => {
    let state = saw(here, [], 5000)
    expect(state.drift).toMatchObject({ at: 5000, epoch: 1, since: null })
    expect(events(state)).toEqual([])
    for (const now of [6000, 7000, 8000]) state = saw(state, [{ ...replicas, at: now }], now)
    expect(events(state)).toEqual(['drifted'])
    expect(state.drift).toMatchObject({ at: 8000, since: 6000 })
    state = saw(state, [{ ...replicas, found: '7' }, gone], 9000)
    expect(state.drift?.since).toBe(6000)
    for (const now of [10_000, 11_000]) state = saw(state, [], now)
    expect(events(state)).toEqual(['drifted', 'drifted', 'driftGone'])
    expect(environmentWaits(state)).toEqual([])
  })

  test('stands while nobody can look, and says why', () => {
    const state = absorbNoDrift(saw(here, [replicas], 5000), 'the cluster does not answer', 6000)
    expect(state.drift).toMatchObject({ at: 5000, findings: [replicas], problem: 'the cluster does not answer' })
    expect(absorbNoDrift(here, 'away', 6000).drift).toMatchObject({ findings: [], problem: 'away' })
    expect(saw(state, [replicas], 7000).drift?.problem).toBeNull()
  })

  test('is not known any more when something else was put there, and stands when nothing was changed', () => {
    const state = saw(here, [replicas], 5000)
    expect(verified(state, B).drift).toBeNull()
    expect(failed(running(state, B), 'restored').drift).toBeNull()
    expect(failed(running(state, B), 'intact').drift).toEqual(state.drift)
    expect(environmentWaits(running(state, B)).map(({ kind }) => kind)).toEqual(['deployment'])
  })

  test('does not grow without bound', () => {
    const long = 'x'.repeat(10_000)
    const many = Array.from({ length: 50 }, () => ({ object: long, field: long, expected: long, found: long, by: long, at }))
    const state = saw(here, many, 5000, 100)
    expect(state.drift).toMatchObject({ left: 130 })
    expect(JSON.stringify(state.drift).length).toBeLessThan(16_000)
  })

  test('is unknown to what an earlier version remembered', () => {
    const { drift: _unknown, ...old } = here
    expect(reviveEnvironment(old as EnvironmentState).drift).toBeNull()
  })
})

describe('a look', () => {
  test('needs something that is verified and stands still', () => {
    expect(judgeInspect(here)).toMatchObject({ ok: true, current: { epoch: 1 } })
    expect(judgeInspect(newEnvironment('website', 'alpha'))).toMatchObject({ ok: false, kind: 'state' })
    expect(judgeInspect(running(here, B))).toMatchObject({ ok: false, reason: expect.stringContaining('as epoch 2; look again') })
    expect(judgeInspect({ ...here, current: { ...here.current!, adopted: true } })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('before Slipway'),
    })
  })

  test('is not to be had of a script target', () => {
    const { current } = here
    const script = { ...here, current: { ...current!, snapshot: { ...current!.snapshot, target: 'script' as const } } }
    expect(judgeInspect(script)).toMatchObject({
      ok: false,
      kind: 'state',
      reason: expect.stringContaining('not available for a script target'),
    })
    const answers = (...words: ('plan' | 'status')[]) => judgeInspect({ ...script, settings: { ...here.settings!, answers: words } })
    expect(answers('plan')).toMatchObject({ ok: false })
    expect(answers('status')).toMatchObject({ ok: true })
  })
})

describe('putting there again what drifted', () => {
  const wish = { epoch: 2, by: ANNE, reason: 'scaled by hand' }
  const two = verified(here, B)

  test('is refused while nothing drifted, and after something drifted is possible by its epoch alone', () => {
    expect(judgeRollback(two, wish, 5000).answer).toMatchObject({ ok: false, reason: expect.stringContaining('already') })
    const drifted = saw(two, [replicas], 5000)
    expect(judgeRollback(drifted, wish, 6000).answer).toMatchObject({ ok: true })
    // Who only wants to go back is led to what ran before, as ever.
    expect(rollbackTargets(drifted).map(({ epoch }) => epoch)).toEqual([1])
  })

  test('is no way back: nothing is vetoed, and what people said of it still holds', () => {
    const { revision } = two.current!.snapshot.candidate
    const signed = judgeSignOff(two, { verdict: 'pass', epoch: 2, revision, by: ANNE, message: null }, 4000).state
    const judged = judgeRollback(saw(signed, [replicas], 5000), wish, 6000).state
    expect(judged.waiting[0]?.request.rollback).toEqual({ epoch: 2, reason: 'scaled by hand', again: true })
    const step = environmentStep(judged)
    if (step?.kind !== 'start') throw new Error(`expected a start, found ${step?.kind}`)
    const state = absorbReport(
      startDeployment(judged, step.waiting, step.preparation, 7000),
      { epoch: 3, kind: 'verified', observed: [] },
      8000,
    )
    expect(state).toMatchObject({ current: { epoch: 3, tag: B.tag, signOff: { verdict: 'pass' } }, drift: null, vetoes: [] })
    expect(state.current?.rollback).toBeUndefined()
  })
})
