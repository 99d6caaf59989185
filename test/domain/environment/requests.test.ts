import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absorbPreparation } from '../../../domain/environment/preparation.ts'
import { concernedVersions, reportFor } from '../../../domain/environment/report.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { environmentWaits } from '../../../domain/environment/waits.ts'
import { alpha, failed, prepared, request, running, verified } from '../samples.ts'

const waiting = (state: EnvironmentState) => state.waiting.map((each) => each.request.id)
const [A, B, C] = [request('A', { at: 1000 }), request('B', { at: 1001 }), request('C', { at: 1002 })]

describe('latest wins', () => {
  test('what waits is superseded with its reason, what runs is not disturbed', () => {
    const state = absorbRequest(absorbRequest(running(alpha(), A), B, 2000), C, 2001)
    expect(waiting(state)).toEqual([C.id])
    expect(state.running?.request.id).toBe(A.id)
    expect(state.closed).toMatchObject([{ id: B.id, outcome: 'superseded', reason: `${C.tag} was asked for after it`, at: 2001 }])
    expect(environmentWaits(state).map((wait) => wait.detail)).toEqual([
      `${A.tag} is being deployed as epoch 1 (starting)`,
      `${C.tag} waits until ${A.tag} (epoch 1) has ended`,
    ])
  })

  test('one that arrives late supersedes nothing', () => {
    const state = absorbRequest(absorbRequest(alpha(), C, 2000), B, 2001)
    expect(waiting(state)).toEqual([C.id])
    expect(state.closed).toMatchObject([{ id: B.id, outcome: 'superseded', reason: `${C.tag} was asked for after it` }])
    const afterC = absorbRequest(running(alpha(), C), B, 2001)
    expect(waiting(afterC)).toEqual([])
    const afterFailure = absorbRequest(failed(running(alpha(), C), 'restored'), B, 5000)
    expect(afterFailure.parked?.request.id).toBe(C.id)
  })

  test('other sprints wait their turn', () => {
    const other = request('D', { version: '2.0.0', by: { kind: 'automation', name: 'sprint 2.0.0' }, at: 900 })
    expect(waiting(absorbRequest(absorbRequest(alpha(), B, 2000), other, 2000))).toEqual([B.id, other.id])
  })

  test('develop supersedes develop, whether or not a sprint began meanwhile', () => {
    const by = { kind: 'automation', name: 'develop' } as const
    const before = request('A', { by, version: null, at: 1000 })
    const after = request('B', { by, version: '1.0.0', at: 1001 })
    expect(waiting(absorbRequest(absorbRequest(alpha(), before, 2000), after, 2001))).toEqual([after.id])
  })

  test('a newer candidate closes a parked deployment', () => {
    const state = absorbRequest(failed(running(alpha(), A), 'restored'), B, 5000)
    expect(state.parked).toBeNull()
    expect(reportFor(state, '1.0.0').requests.map(({ id, stage }) => [id, stage])).toEqual([
      [A.id, 'restored'],
      [B.id, 'queued'],
    ])
  })
})

describe('what runs', () => {
  test('is not deployed again, and who asks is told', () => {
    const state = verified(alpha(), A)
    const again = absorbRequest(state, { ...A, at: 9000 }, 9000)
    expect(environmentStep(again)).toBeNull()
    expect(again).toEqual(state)
    // A new object: the workflow tells the sprints whenever the state is another.
    expect(again).not.toBe(state)
    expect(concernedVersions(again)).toContain('1.0.0')
  })

  test('is deployed again when it is broken', () => {
    const broken = failed(running(verified(alpha(), A), B), 'broken')
    expect(waiting(absorbRequest(broken, { ...A, at: 9000 }, 9000))).toEqual([`${A.id}~2`])
  })

  test('never gives way to something older by itself', () => {
    const asked = absorbRequest(verified(alpha(), B), A, 5000)
    const state = absorbPreparation(asked, A, prepared(asked, A, 'behind'), 5001)
    expect(waiting(state)).toEqual([])
    expect(state.closed.at(-1)).toMatchObject({ id: A.id, outcome: 'older', reason: expect.stringContaining('contains it already') })
  })

  test('gives way when the branch was rewritten to it, or a person asks', () => {
    for (const change of [{ rewritten: true }, { by: { kind: 'person', name: 'anne', verified: false } as const }]) {
      const older = { ...A, ...change }
      const asked = absorbRequest(verified(alpha(), B), older, 5000)
      expect(absorbPreparation(asked, older, prepared(asked, older, 'behind'), 5001).waiting[0]?.stage.kind).toBe('ready')
    }
  })
})

test('a revision that comes back after another one is a new request with a new id', () => {
  const state = absorbRequest(absorbRequest(absorbRequest(alpha(), A, 2000), B, 2001), { ...A, at: 1005 }, 2002)
  expect(waiting(state)).toEqual([`${A.id}~2`])
  expect(waiting(absorbRequest(absorbRequest(state, { ...B, at: 1006 }, 2003), { ...A, at: 1007 }, 2004))).toEqual([`${A.id}~3`])
})

test('doubled deliveries change nothing, whatever became of the request', () => {
  const states = [
    absorbRequest(alpha(), A, 2000),
    running(alpha(), A),
    verified(alpha(), A),
    verified(verified(alpha(), A), B),
    failed(running(alpha(), A), 'broken'),
    absorbRequest(absorbRequest(alpha(), A, 2000), B, 2001),
    absorbRequest(absorbRequest(absorbRequest(alpha(), A, 2000), B, 2001), { ...A, at: 1005 }, 2002),
  ]
  for (const state of states) expect(absorbRequest(state, A, 9000)).toBe(state)
  expect(absorbRequest(states.at(-1)!, { ...A, at: 1005 }, 9000)).toBe(states.at(-1))
})

test('in whatever order and how often requests arrive, the newest one waits', () => {
  const names = ['A', 'B', 'C', 'D', 'E']
  const wishes = names.map((name, index) => request(name, { at: 1000 + index }))
  const order = fc.array(fc.constantFrom(...wishes), { minLength: 5, maxLength: 20 }).filter((list) => list.includes(wishes[4]!))
  fc.assert(
    fc.property(order, (list) => {
      const state = list.reduce((next, wish, index) => absorbRequest(next, wish, 2000 + index), alpha())
      expect(waiting(state)).toEqual([wishes[4]!.id])
      expect(new Set(state.closed.map((closed) => closed.id)).size).toBe(state.closed.length)
    }),
  )
})
