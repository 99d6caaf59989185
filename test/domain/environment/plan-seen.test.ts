import { describe, expect, test } from 'vitest'
import { judgeApprove } from '../../../domain/environment/judge-vote.ts'
import { absorbPlan, planSeen, stalePlan, type PlanAnswer } from '../../../domain/environment/plan-seen.ts'
import { absorbPreparation } from '../../../domain/environment/preparation.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import type { EnvironmentState, Names, Preparation } from '../../../domain/environment/state.ts'
import { ANNE, prepared, prod, request } from '../samples.ts'

const wish = request('B', { id: 'v1.0.0', tag: 'v1.0.0' })
const none: Names = { names: [], left: 0 }
const names = (...all: string[]): Names => ({ names: all, left: 0 })

/** A plan against a target that stands for one letter. */
const answer = (basis: string, change: Partial<Extract<PlanAnswer, { ok: true }>> = {}): PlanAnswer => ({
  ok: true,
  basis: basis.repeat(64),
  whole: { digest: `sha256:${basis.repeat(64)}` },
  counts: { update: 1 },
  removals: none,
  unseen: none,
  otherwise: null,
  ...change,
})

function awaiting(): EnvironmentState {
  const asked = absorbRequest(prod(), wish, 2000)
  const { preparation, ...rest } = prepared(asked, wish)
  return absorbPreparation(asked, wish, { ...rest, preparation: { ...preparation, plan: planSeen(answer('a'), undefined, 2000) } }, 2000)
}

const preparationOf = (state: EnvironmentState) => (state.waiting[0]!.stage as { preparation: Preparation }).preparation
const look = (state: EnvironmentState, told: PlanAnswer) => absorbPlan(state, wish, preparationOf(state), told, 3000)
const approve = (state: EnvironmentState, plan?: string) => {
  const hash = preparationOf(state).requestHash
  return judgeApprove(state, { request: wish.id, hash, by: ANNE, reason: null, ...(plan === undefined ? {} : { plan }) }, 4000)
}

describe('a plan that is named', () => {
  const moved = look(awaiting(), answer('b', { otherwise: names('delete configmap/settings (was not planned)') }))

  test('is approved while it is the one that is known, by eight digits or more of its basis', () => {
    expect(approve(moved, 'b'.repeat(64)).answer).toMatchObject({ ok: true })
    expect(approve(moved, 'b'.repeat(8)).answer).toMatchObject({ ok: true })
    expect(approve(moved).answer).toMatchObject({ ok: true })
    expect(approve(moved, 'b').answer).toMatchObject({ ok: false })
  })

  test('and is stale is refused, with what moved since, and recorded', () => {
    const { state, answer: said } = approve(moved, 'a'.repeat(8))
    expect(said).toMatchObject({
      ok: false,
      kind: 'state',
      reason: expect.stringContaining(
        'is stale, the target has moved since (bbbbbbbbbbbb… now): delete configmap/settings (was not planned)',
      ),
      next: ['slipway approve prod v1.0.0 --dry-run'],
    })
    expect(state.entries.at(-1)?.event).toBe('denied')
    // Looked at once more, and as it was: what moved last is still known.
    const again = look(moved, answer('b', { otherwise: none }))
    expect(stalePlan(wish, preparationOf(again), 'a'.repeat(64))).toContain('delete configmap/settings')
    // An older one: that it moved is all that is known.
    expect(stalePlan(wish, preparationOf(moved), 'c'.repeat(64))).toMatch(/is stale, the target has moved since \(b{12}… now\)$/)
    const same = look(awaiting(), answer('b', { otherwise: none }))
    expect(stalePlan(wish, preparationOf(same), 'a'.repeat(64))).toContain('though it would change the same')
  })

  test('where none could be made is refused, and says why', () => {
    const preparation = { ...preparationOf(moved), plan: planSeen({ ok: false, reason: 'the cluster is away' }, undefined, 1) }
    expect(stalePlan(wish, preparation, 'a'.repeat(64))).toContain('it could not be planned, the cluster is away')
    expect(stalePlan(wish, preparation, null)).toBeNull()
  })
})

describe('a look before somebody decides', () => {
  test('makes the plan that is shown from now on; one that fails leaves what was told before', () => {
    const seen = look(awaiting(), answer('b', { removals: names('delete a'), unseen: names('delete a'), otherwise: names('delete a') }))
    expect(preparationOf(seen).plan).toMatchObject({ basis: 'b'.repeat(64), removals: { names: ['delete a'] } })
    expect(look(seen, { ok: false, reason: 'away' })).toBe(seen)
  })

  test('changes nothing of what is approved already, nor of what was rendered anew meanwhile', () => {
    const approved = approve(awaiting()).state
    expect(look(approved, answer('b'))).toBe(approved)
    const state = awaiting()
    expect(absorbPlan(state, wish, { ...preparationOf(state), requestHash: 'f'.repeat(64) }, answer('b'), 3000)).toBe(state)
  })

  test('takes back earlier approvals of several, where more would be taken away than those who gave them were shown', () => {
    const state = awaiting()
    const { stage } = state.waiting[0]!
    if (stage.kind !== 'awaitingApproval') throw new Error(stage.kind)
    const votes = [{ by: ANNE, at: 2500, reason: null }]
    const voted = { ...state, waiting: [{ ...state.waiting[0]!, stage: { ...stage, votes } }] }
    expect(look(voted, answer('b', { otherwise: names('update b') })).waiting[0]?.stage).toMatchObject({ votes })
    const lapsed = look(voted, answer('b', { unseen: names('delete a'), otherwise: names('delete a') }))
    expect(lapsed.waiting[0]?.stage).not.toHaveProperty('votes')
    expect(lapsed.entries.at(-1)).toMatchObject({
      event: 'lapsed',
      text: 'v1.0.0: what anne (unverified) approved lapsed, it would delete a, which they were not shown',
    })
  })
})
