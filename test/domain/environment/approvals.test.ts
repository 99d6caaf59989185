import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../../../domain/actor.ts'
import { absorbReport, startDeployment } from '../../../domain/environment/deployments.ts'
import { missingOf, nextLapse, votesOf, withoutLapsed } from '../../../domain/environment/approvals.ts'
import { judgeApprove, judgeReject, judgeWithdrawApproval, type Vote } from '../../../domain/environment/judge-vote.ts'
import { absorbPreparation, beginPreparation } from '../../../domain/environment/preparation.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import { reviveEnvironment, type EnvironmentState, type Preparation } from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { environmentWaits } from '../../../domain/environment/waits.ts'
import type { ApprovalPolicy } from '../../../domain/rights.ts'
import { prepared, prod, request } from '../samples.ts'

const HOUR = 3_600_000
const wish = request('B', { id: 'v1.0.0', tag: 'v1.0.0' })
const POLICY: ApprovalPolicy = {
  count: 2,
  required: [],
  author: true,
  tagger: true,
  expiresMs: 24 * HOUR,
  reason: false,
  verified: false,
  addressed: [],
}
const person = (name: string, verified = false): Actor => ({ kind: 'person', name, verified })

function awaiting(policy: Partial<ApprovalPolicy> = {}, people: Partial<Preparation> = {}, approvers: string[] = []): EnvironmentState {
  const asked = absorbRequest(prod(), wish, 2000)
  const of = prepared(asked, wish)
  const settings = { ...of.settings, approvers, approval: { ...POLICY, ...policy } }
  return absorbPreparation(asked, wish, { ...of, settings, preparation: { ...of.preparation, ...people } }, 2001)
}

function vote(state: EnvironmentState, by: Actor | string, reason: string | null = null): Vote {
  const stage = state.waiting[0]?.stage
  const hash = stage !== undefined && 'preparation' in stage ? stage.preparation.requestHash : ''
  return { request: 'v1.0.0', hash, by: typeof by === 'string' ? person(by) : by, reason }
}

const approve = (state: EnvironmentState, by: Actor | string, now = 3000, reason: string | null = null) =>
  judgeApprove(state, vote(state, by, reason), now)
const names = (state: EnvironmentState) => state.waiting.flatMap(({ stage }) => votesOf(stage)).map(({ by }) => by.name)

describe('several approvals', () => {
  test('start it when all are there, each by somebody else, and say meanwhile who is missing', () => {
    const { state: one, answer } = approve(awaiting({ required: ['carol'] }), 'anne')
    expect(answer).toEqual({
      ok: true,
      text: 'v1.0.0 is approved for prod in part: anne (unverified) approved already; 1 of 2 still missing, among them carol',
    })
    expect(environmentStep(one)).toBeNull()
    expect(environmentWaits(one)[0]?.detail).toContain('anne (unverified) approved already; 1 of 2 still missing, among them carol')
    expect(approve(one, 'anne').answer).toMatchObject({ ok: false, reason: expect.stringContaining('anne has approved v1.0.0 already') })
    const two = approve(one, 'bob').state
    expect(environmentStep(two)).toBeNull()
    expect(missingOf(votesOf(two.waiting[0]!.stage), two.settings)).toEqual({ count: 1, required: ['carol'] })
    const three = approve(two, 'carol', 4000).state
    expect(environmentStep(three)).toMatchObject({ kind: 'start', waiting: { stage: { approval: { by: { name: 'carol' }, at: 4000 } } } })
    expect(names(three)).toEqual(['anne', 'bob', 'carol'])
    // What was asked for then stands beside it: the estate may ask for less, or more, by the time that somebody looks.
    const policy = { count: 2, required: ['carol'], verified: false }
    expect(environmentStep(three)).toMatchObject({ waiting: { stage: { approval: { policy } } } })
    expect(approve(three, 'dan').answer).toMatchObject({ ok: false, reason: 'v1.0.0 is approved already, by carol (unverified)' })
  })

  test('are ended by one who rejects', () => {
    const one = approve(awaiting(), 'anne').state
    const { state, answer } = judgeReject(one, vote(one, 'bob', 'not on a Friday'), 3001)
    expect(answer.ok).toBe(true)
    expect(state.waiting).toEqual([])
    expect(state.closed.at(-1)).toMatchObject({ outcome: 'rejected', reason: 'rejected by bob (unverified): not on a Friday' })
  })

  test('hold for what was rendered, and for nothing that is rendered anew', () => {
    const one = approve(awaiting(), 'anne').state
    const again = beginPreparation(one, wish, 5000)
    expect(again.entries.at(-1)).toMatchObject({ event: 'lapsed', text: expect.stringContaining('what it replaces has changed') })
    expect(names(again)).toEqual([])
  })
})

describe('taking an approval back', () => {
  test('is for who gave it, also when all are there and nothing has begun', () => {
    const both = approve(approve(awaiting(), 'anne').state, 'bob').state
    expect(judgeWithdrawApproval(both, vote(both, 'carol'), 4000).answer).toMatchObject({
      ok: false,
      reason: 'carol has not approved v1.0.0: there is nothing to take back',
    })
    const { state, answer } = judgeWithdrawApproval(both, vote(both, 'anne', 'I looked again'), 4000)
    expect(answer).toMatchObject({ ok: true })
    expect(names(state)).toEqual(['bob'])
    expect(environmentStep(state)).toBeNull()
    expect(state.entries.at(-1)).toMatchObject({ event: 'approvalWithdrawn', text: expect.stringContaining('I looked again') })
    expect(environmentStep(approve(state, 'carol').state)).toMatchObject({ kind: 'start' })
  })

  test('of what was signed has to be signed', () => {
    const one = approve(awaiting(), person('anne', true)).state
    const { state, answer } = judgeWithdrawApproval(one, vote(one, 'anne'), 4000)
    expect(answer).toMatchObject({ ok: false, kind: 'rights' })
    expect(state.entries.at(-1)).toMatchObject({ event: 'denied' })
    expect(names(judgeWithdrawApproval(one, vote(one, person('anne', true)), 4000).state)).toEqual([])
  })
})

describe('an approval lapses', () => {
  test('when it is too old, by itself, and the request stays', () => {
    const one = approve(awaiting(), 'anne', 10).state
    const both = approve(one, 'bob', 10 + HOUR).state
    expect(nextLapse(both)).toBe(10 + 24 * HOUR)
    expect(withoutLapsed(both, 9 + 24 * HOUR)).toBe(both)
    const lapsed = withoutLapsed(both, 10 + 24 * HOUR)
    expect(names(lapsed)).toEqual(['bob'])
    expect(lapsed.waiting[0]?.stage.kind).toBe('awaitingApproval')
    expect(lapsed.entries.at(-1)).toMatchObject({
      event: 'lapsed',
      text: 'v1.0.0: the approval by anne (unverified) lapsed, it is older than 24 hours',
      at: 10 + 24 * HOUR,
    })
  })

  test('when who gave it may not any more, or more are asked for', () => {
    const both = approve(approve(awaiting({}, {}, ['anne', 'bob']), 'anne').state, 'bob').state
    const without = withoutLapsed({ ...both, settings: { ...both.settings!, approvers: ['bob', 'carol'] } }, 4000)
    expect(names(without)).toEqual(['bob'])
    expect(without.entries.at(-1)?.text).toContain('anne may not approve in prod')
    const more = withoutLapsed({ ...both, settings: { ...both.settings!, approval: { ...POLICY, count: 3 } } }, 4000)
    expect([more.waiting[0]?.stage.kind, names(more)]).toEqual(['awaitingApproval', ['anne', 'bob']])
  })

  test('never of what an earlier version remembered: one approval, for as long as it takes', () => {
    const asked = absorbRequest(prod(), wish, 2000)
    const old = absorbPreparation(asked, wish, prepared(asked, wish), 2001)
    const ready = approve(reviveEnvironment(old), 'anne').state
    expect(environmentStep(ready)).toMatchObject({ kind: 'start' })
    expect(nextLapse(ready)).toBeNull()
    expect(withoutLapsed(ready, Number.MAX_SAFE_INTEGER)).toBe(ready)
  })
})

const CONFLICTS: readonly (readonly [
  what: string,
  policy: Partial<ApprovalPolicy>,
  people: Partial<Preparation>,
  by: Actor,
  refusal: RegExp | null,
])[] = [
  ['an author', { author: false }, { authors: ['anne', 'x@y.z'] }, person('anne'), /wrote some of it/],
  ['an author by address', { author: false }, { authors: ['anne@example.org'] }, person('Anne@example.org'), /wrote some of it/],
  ['an author where that is allowed', {}, { authors: ['anne'] }, person('anne'), null],
  ['another', { author: false }, { authors: ['bob'] }, person('anne'), null],
  ['the tagger', { tagger: false }, { tagger: 'anne' }, person('anne'), /made its tag/],
  ['the tagger where that is allowed', {}, { tagger: 'anne' }, person('anne'), null],
  ['a name without an address, unsigned', { author: false }, { authors: ['bob'] }, person('zoe'), null],
  [
    'a signer without an address',
    { author: false, verified: true, addressed: ['bob'] },
    { authors: ['bob'] },
    person('zoe', true),
    /no address of theirs/,
  ],
  ['a signer with an address', { author: false, verified: true, addressed: ['zoe'] }, { authors: ['bob'] }, person('zoe', true), null],
  ['a signer who is an address', { author: false, verified: true }, { authors: [] }, person('zoe@example.org', true), null],
]

test.each(CONFLICTS)('%s', (_, policy, people, by, refusal) => {
  const state = awaiting({ count: 1, ...policy }, people)
  const { answer, state: next } = approve(state, by)
  if (refusal === null) expect(answer.ok).toBe(true)
  else {
    expect(answer).toMatchObject({ ok: false, kind: 'rights', reason: expect.stringMatching(refusal) })
    expect(next.entries.at(-1)).toMatchObject({ event: 'denied' })
    expect(judgeReject(state, vote(state, by, 'mine'), 3000).answer.ok).toBe(true)
  }
})

test('a reason is asked for where the policy says so', () => {
  const state = awaiting({ count: 1, reason: true })
  expect(approve(state, 'anne').answer).toMatchObject({ ok: false, reason: 'an approval for prod needs a reason' })
  expect(approve(state, 'anne', 3000, ' ').answer.ok).toBe(false)
  expect(approve(state, 'anne', 3000, 'tested').answer.ok).toBe(true)
})

test('whatever is said in whatever order, it starts exactly when enough people stand by it', () => {
  const people = ['anne', 'bob', 'carol', 'dan']
  const words = fc.array(fc.record({ who: fc.constantFrom(...people), takesBack: fc.boolean() }), { maxLength: 12 })
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 3 }), fc.subarray(people, { maxLength: 2 }), (said, count, required) => {
      let state = awaiting({ count, required })
      const standing = new Set<string>()
      const enough = () => standing.size >= count && required.every((name) => standing.has(name))
      for (const { who, takesBack } of said) {
        const before = enough()
        if (takesBack) {
          state = judgeWithdrawApproval(state, vote(state, who), 3000).state
          standing.delete(who)
        } else {
          state = approve(state, who).state
          if (!before) standing.add(who)
        }
        expect(names(state).toSorted()).toEqual([...standing].toSorted())
        expect(environmentStep(state)?.kind === 'start').toBe(enough())
      }
    }),
  )
})

test('1,000 requests that somebody approves and somebody rejects at the same moment, across runs: each ends one way, and the loser is told', () => {
  let state = prod()
  const approval = { ...POLICY, count: 1 }
  for (let number = 0; number < 1000; number++) {
    // A run continues another every so often: what it remembers is JSON.
    if (number % 40 === 0) state = reviveEnvironment(JSON.parse(JSON.stringify(state)) as EnvironmentState)
    const now = 10_000 + number * 10
    const each = request(`B${number}`, { id: `build-${number}`, tag: `build-${number}`, version: null, at: now })
    const asked = absorbRequest(state, each, now)
    const of = prepared(asked, each)
    const waits = absorbPreparation(asked, each, { ...of, settings: { ...of.settings, approval } }, now)
    const word = { request: each.id, hash: of.preparation.requestHash, reason: 'seen' }
    const [first, second] = number % 2 === 0 ? [judgeApprove, judgeReject] : [judgeReject, judgeApprove]
    const one = first(waits, { ...word, by: person('anne') }, now + 1)
    // Half of them begin before the other word comes.
    const step = environmentStep(one.state)
    const begun =
      number % 4 === 0 && step?.kind === 'start' ? startDeployment(one.state, step.waiting, step.preparation, now + 2) : one.state
    const two = second(begun, { ...word, by: person('bob') }, now + 3)
    const runs = two.state.running?.request.id === each.id
    const isClosed = two.state.closed.some(({ id, outcome }) => id === each.id && outcome === 'rejected')
    expect([one.answer.ok, runs, isClosed]).toEqual([true, number % 4 === 0, number % 4 !== 0])
    // Who rejects what has not begun ends it; who approves what was rejected, or rejects what has begun, is told.
    expect(two.answer.ok).toBe(number % 4 === 2)
    if (!two.answer.ok) expect(two.answer.reason).toMatch(runs ? /is being deployed/ : /is closed \(rejected\)/)
    const told = two.state.entries.at(-1)
    if (two.answer.ok)
      expect(told).toMatchObject({ event: 'overturned', text: expect.stringContaining('the approval by anne (unverified) is overturned') })
    else expect(told).toMatchObject({ event: 'denied', by: 'bob (unverified)' })
    state = runs ? absorbReport(two.state, { epoch: two.state.epoch, kind: 'verified', observed: [] }, now + 4) : two.state
  }
  expect(state.epoch).toBe(250)
  expect(JSON.stringify(state).length).toBeLessThan(64 * 1024)
})
