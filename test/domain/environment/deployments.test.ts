import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absorbReport, type DeploymentReport } from '../../../domain/environment/deployments.ts'
import { environmentDetails, plain } from '../../../domain/environment/details.ts'
import { judgeRetry } from '../../../domain/environment/judge-retry.ts'
import { judgeSignOff, type SignOffWish } from '../../../domain/environment/judge-sign-off.ts'
import { absorbLateRefusal } from '../../../domain/environment/late-refusal.ts'
import { reportFor } from '../../../domain/environment/report.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { environmentWaits } from '../../../domain/environment/waits.ts'
import { alpha, ANNE, failed, request, rev, running, verified } from '../samples.ts'

const [A, B] = [request('A'), request('B', { at: 1001 })]

describe('a deployment', () => {
  test('that is verified becomes what runs, and what ran before stays within reach', () => {
    const state = verified(verified(alpha(), A), B)
    expect(state).toMatchObject({ epoch: 2, running: null, current: { epoch: 2, request: B.id }, past: [{ epoch: 1, request: A.id }] })
  })

  test.each([
    ['intact', 'nothing was changed on the target'],
    ['restored', 'what ran before runs again'],
    ['broken', 'the target is as the failure left it'],
  ] as const)('that fails leaves the target %s, is parked and can be tried again', (target, words) => {
    const state = failed(running(verified(alpha(), A), B), target)
    expect(state).toMatchObject({ running: null, current: { request: A.id }, parked: { epoch: 2, target, reason: 'the pods crash' } })
    expect(environmentWaits(state).map((wait) => wait.detail)).toEqual([
      `${B.tag} failed, ${words}: the pods crash. A newer push or slipway retry alpha goes on`,
    ])
    const retried = judgeRetry(state, ANNE, 5000)
    expect(retried.state.waiting.map(({ request: { id } }) => id)).toEqual([`${B.id}~2`])
  })

  test('reports of another epoch, late or doubled, change nothing', () => {
    const state = verified(alpha(), A)
    const reports: DeploymentReport[] = [
      { epoch: 1, kind: 'verified', observed: [] },
      { epoch: 2, kind: 'verified', observed: [] },
      { epoch: 1, kind: 'progress', step: 'applying', attempt: 3, retry: null },
      { epoch: 1, kind: 'failed', target: 'broken', step: 'applying', reason: 'x', observed: [], log: null, heldEpoch: null },
    ]
    for (const report of reports) expect(absorbReport(state, report, 9000)).toBe(state)
    const next = running(state, B)
    for (const report of reports) if (report.epoch === 1) expect(absorbReport(next, report, 9000)).toBe(next)
  })

  test('that the target refuses as older goes on from the epoch that the target holds', () => {
    const state = failed(running(alpha(), A), 'intact', 4000, 41)
    expect(state).toMatchObject({ epoch: 41, running: null, parked: null, waiting: [{ request: { id: A.id }, stage: { kind: 'ready' } }] })
    expect(failed(running(alpha(), A), 'intact', 4000, 1)).toMatchObject({ epoch: 1, waiting: [{ request: { id: A.id } }] })
    const newer = failed(absorbRequest(running(alpha(), A), B, 3000), 'intact', 4000, 41)
    expect(newer.waiting.map((waiting) => waiting.request.id)).toEqual([B.id])
    expect(newer.closed.at(-1)).toMatchObject({ id: A.id, outcome: 'superseded' })
  })

  test('of which an attempt comes late and is refused adds that to the record, and the newest attempt tells itself', () => {
    const state = running(verified(alpha(), A), B)
    const late = absorbLateRefusal(state, { epoch: 1, attempt: 3, reason: 'held by 2' }, 9000)
    expect(late).toEqual({ ...state, entries: [...state.entries, expect.objectContaining({ event: 'refused', at: 9000, by: null })] })
    expect(late.entries.at(-1)?.text).toBe('epoch 1, attempt 3, came late and was refused by the target: held by 2')
    expect(absorbLateRefusal(state, { epoch: 2, attempt: 1, reason: 'held by 3' }, 9000)).toBe(state)
    const flood = absorbLateRefusal(state, { epoch: -1, attempt: -1, reason: 'x'.repeat(100_000) }, 9000)
    expect(flood.entries.at(-1)?.text.length).toBeLessThan(400)
  })

  test('that says a lot is kept short', () => {
    const long = 'x'.repeat(100_000)
    const state = absorbReport(
      running(alpha(), A),
      {
        epoch: 1,
        kind: 'failed',
        target: 'broken',
        step: 'verifying',
        reason: long,
        observed: Array.from({ length: 500 }, () => long),
        log: null,
        heldEpoch: null,
      },
      4000,
    )
    expect(JSON.stringify(state).length).toBeLessThan(20_000)
    expect(JSON.stringify(reportFor(state, '1.0.0')).length).toBeLessThan(10_000)
  })
})

test('what is remembered is bounded in bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('verified', 'restored', 'broken', 'intact'), { minLength: 40, maxLength: 90 }), (ends) => {
      const state = ends.reduce<EnvironmentState>((next, end, index) => {
        const wish = request(`R${index}`, { at: 1000 + index })
        return end === 'verified' ? verified(next, wish) : failed(running(next, wish), end)
      }, alpha())
      expect(JSON.stringify(state.past).length).toBeLessThan(24_200)
      expect(JSON.stringify(state).length).toBeLessThan(64 * 1024)
      expect(state.epoch).toBe(ends.length)
    }),
    { numRuns: 20 },
  )
})

describe('a sign-off', () => {
  const look = (state: EnvironmentState, change: Partial<SignOffWish> = {}): SignOffWish => ({
    verdict: 'pass',
    epoch: state.current?.epoch ?? 0,
    revision: state.current?.snapshot.candidate.revision ?? '',
    by: ANNE,
    message: null,
    ...change,
  })

  test('is for what is verified now', () => {
    const state = verified(alpha(), A)
    const { state: next, answer } = judgeSignOff(state, look(state, { message: 'all well' }), 5000)
    expect(answer.ok).toBe(true)
    expect(next.current?.signOff).toEqual({ verdict: 'pass', by: ANNE, at: 5000, message: 'all well' })
    expect(reportFor(next, '1.0.0').current?.signOff?.verdict).toBe('pass')
    expect(verified(next, B).current?.signOff).toBeNull()
  })

  const one = verified(alpha(), A)
  test.each([
    ['nothing ever ran', alpha(), {}, 'nothing is verified in alpha yet'],
    ['a deployment runs', running(one, B), {}, 'is being deployed to alpha; sign off when it is verified'],
    ['it is broken', failed(running(one, B), 'broken'), {}, 'alpha is broken (the pods crash)'],
    ['another epoch was looked at', verified(one, B), { epoch: 1 }, 'not what was looked at (epoch 1)'],
    ['another revision was looked at', one, { revision: rev('Z') }, 'not what was looked at'],
    ['nobody says who', one, { by: { kind: 'person', name: '', verified: false } as const }, 'signOff needs the name of a person'],
    ['it says neither', one, { verdict: null }, 'a sign-off says whether it passes or fails'],
  ])('is denied and recorded when %s', (_, state, change, words) => {
    const { state: next, answer } = judgeSignOff(state, look(state, change), 6000)
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining(words) })
    expect(next.entries.at(-1)).toMatchObject({ event: 'denied', text: expect.stringContaining(words) })
    expect(next.current?.signOff ?? null).toBeNull()
  })

  test('of what was restored is possible: it runs again', () => {
    const restored = failed(running(one, B), 'restored')
    expect(judgeSignOff(restored, look(restored), 6000).answer.ok).toBe(true)
  })
})

test('text from outside is no markup in the Temporal UI', () => {
  expect(plain('**x** [y](z) <b>`q`\n# h')).toBe('\\*\\*x\\*\\* \\[y\\](z) \\<b\\>\\`q\\` \\# h')
  const state = failed(running(alpha(), request('A', { tag: '[x](javascript:1)' })), 'broken')
  expect(environmentDetails(state)).not.toContain('[x](')
})
