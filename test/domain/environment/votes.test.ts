import { describe, expect, test } from 'vitest'
import { takeAnnouncements } from '../../../domain/environment/announcements.ts'
import { judgeRetry } from '../../../domain/environment/judge-retry.ts'
import { judgeApprove, judgeReject, type Vote } from '../../../domain/environment/judge-vote.ts'
import { absorbPreparation, absorbUnpreparable, beginPreparation } from '../../../domain/environment/preparation.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { absorbWithdraw } from '../../../domain/environment/withdraw.ts'
import { environmentCommands, environmentWaits } from '../../../domain/environment/waits.ts'
import { whatDiffers } from '../../../domain/environment/what-differs.ts'
import type { Snapshot } from '../../../domain/snapshot.ts'
import { ANNE, prepared, prod, request, settingsOf } from '../samples.ts'

const BOB = { kind: 'person', name: 'bob', verified: false } as const

const wish = request('B', { id: 'v1.0.0', tag: 'v1.0.0' })

function awaiting(state = prod()): EnvironmentState {
  const asked = absorbRequest(state, wish, 2000)
  return absorbPreparation(asked, wish, prepared(asked, wish), 2001)
}

function vote(state: EnvironmentState, change: Partial<Vote> = {}): Vote {
  const wait = environmentWaits(state).find((each) => each.kind === 'approval')
  return { request: wait?.request ?? '', hash: wait?.hash ?? '', by: ANNE, reason: null, ...change }
}

const approved = () => judgeApprove(awaiting(), vote(awaiting()), 3000).state

describe('an approval', () => {
  test('names the request and its hash, and nothing starts before it', () => {
    const state = awaiting()
    expect(environmentStep(state)).toBeNull()
    expect(environmentCommands(state)).toEqual(['slipway approve prod v1.0.0', 'slipway reject prod v1.0.0 --reason …'])
    const { state: next, answer } = judgeApprove(state, vote(state, { reason: 'looks good' }), 3000)
    expect(answer).toEqual({ ok: true, text: 'v1.0.0 is approved for prod' })
    expect(next.entries.at(-1)).toEqual({
      at: 3000,
      event: 'approved',
      text: 'v1.0.0 is approved for prod: looks good',
      by: 'anne (unverified)',
    })
    expect(environmentStep(next)).toMatchObject({
      kind: 'start',
      waiting: { stage: { approval: { request: 'v1.0.0', hash: vote(state).hash } } },
    })
  })

  test.each([
    ['another hash', { hash: 'f'.repeat(64) }, 'v1.0.0 has another hash', 'state'],
    ['no hash', { hash: '' }, 'v1.0.0 has another hash', 'state'],
    ['an unknown request', { request: 'v9.9.9' }, 'v9.9.9', 'notFound'],
    ['no request', { request: '' }, '', 'notFound'],
    ['no name', { by: { kind: 'person', name: '', verified: false } as const }, 'approve needs the name of a person', 'rights'],
    ['a machine', { by: { kind: 'automation', name: 'bot' } as const }, 'approve needs the name of a person', 'rights'],
  ])('with %s is denied and recorded', (_, change, words, kind) => {
    const state = awaiting()
    for (const judge of [judgeApprove, judgeReject]) {
      const { state: next, answer } = judge(state, vote(state, change), 3000)
      expect(answer).toMatchObject({ ok: false, kind })
      expect(next.entries.at(-1)).toMatchObject({
        event: 'denied',
        text: expect.stringContaining(judge === judgeApprove ? words : words.replace('approve', 'reject')),
      })
      expect({ ...next, entries: [] }).toEqual({ ...state, entries: [] })
    }
  })

  test('is given by whom the estate names, where it names somebody', () => {
    const asked = absorbRequest(prod(), wish, 2000)
    const of = prepared(asked, wish)
    const state = absorbPreparation(asked, wish, { ...of, settings: { ...of.settings, approvers: ['bob'] } }, 2001)
    expect(judgeApprove(state, vote(state), 3000).answer).toMatchObject({
      ok: false,
      kind: 'rights',
      reason: 'anne may not approve in prod; who may: bob',
    })
    expect(judgeApprove(state, vote(state, { by: { kind: 'person', name: 'bob', verified: false } }), 3000).answer.ok).toBe(true)
  })

  test('is given once', () => {
    expect(judgeApprove(approved(), vote(awaiting()), 3001).answer).toMatchObject({
      ok: false,
      reason: 'v1.0.0 is approved already, by anne (unverified)',
    })
  })

  test('is overturned by a rejection until it starts, and who approved is told', () => {
    const { state, answer } = judgeReject(approved(), vote(awaiting(), { by: BOB, reason: 'wait' }), 3001)
    expect(answer).toMatchObject({ ok: true, text: expect.stringContaining('the approval by anne (unverified) counts no more') })
    expect(state.waiting).toEqual([])
    expect(state.closed.at(-1)).toMatchObject({
      outcome: 'rejected',
      reason: 'rejected by bob (unverified): wait',
      overturned: { names: ['anne (unverified)'] },
    })
    expect(state.entries.at(-1)).toMatchObject({
      event: 'overturned',
      text: 'v1.0.0: the approval by anne (unverified) is overturned, rejected by bob (unverified): wait',
    })
    const { news } = takeAnnouncements({ ...state, settings: { ...settingsOf('prod'), announced: true } }, 3002)
    expect(news).toMatchObject([
      {
        kind: 'rejected',
        text: 'v1.0.0 is not deployed to prod, though anne (unverified) approved it: rejected by bob (unverified): wait',
      },
    ])
    expect(judgeApprove(state, vote(awaiting()), 3003).answer).toMatchObject({
      ok: false,
      reason: expect.stringContaining('rejected by bob'),
    })
  })

  test('lapses when what it replaces changes, and that is recorded', () => {
    const state = { ...approved(), current: { ...deployed(), epoch: 7 } }
    expect(environmentStep(state)).toMatchObject({ kind: 'prepare', waiting: { request: { id: 'v1.0.0' } } })
    const next = beginPreparation(state, wish, 4000)
    expect(next.entries.at(-1)).toMatchObject({
      event: 'lapsed',
      text: 'v1.0.0: its approval lapsed, what it replaces has changed: the epoch it replaces (none when it was approved, 7 now)',
    })
    const again = absorbPreparation(next, wish, prepared(next, wish), 4001)
    expect(vote(again).hash).not.toBe(vote(awaiting()).hash)
    expect(judgeApprove(again, vote(awaiting()), 4002).answer.ok).toBe(false)
  })

  test('lapses when what would be deployed is not what was approved', () => {
    const state = approved()
    const again = absorbPreparation(state, wish, prepared(state, wish, 'ahead', 'other manifests'), 4000)
    expect(again.entries.at(-1)).toMatchObject({
      event: 'lapsed',
      text: 'v1.0.0: its approval lapsed, what would be deployed is not what was approved: the manifests',
    })
    expect(environmentStep(again)).toBeNull()
    expect(judgeApprove(again, vote(awaiting()), 4001).answer.ok).toBe(false)
    expect(judgeApprove(again, vote(again), 4001).answer.ok).toBe(true)
  })
})

function deployed() {
  const of = prepared(prod(), wish).preparation.snapshot
  return { epoch: 1, request: 'v0', askedAt: 1, version: null, tag: 'v0.9.0', snapshot: of, since: 1, approval: null, signOff: null }
}

test('why an approval lapses names everything that is not what was approved', () => {
  const { preparation } = prepared(prod(), wish)
  const { snapshot } = preparation
  const { candidate } = snapshot
  const hook = { name: 'migrate', when: 'before', kind: 'job', content: 'sha256:0', timeoutSeconds: 60 } as const
  const other = (change: Partial<Snapshot>) => whatDiffers(preparation, { ...preparation, snapshot: { ...snapshot, ...change } })
  const [first, ...rest] = candidate.images
  expect(other({})).toEqual([])
  expect(other({ candidate: { ...candidate, images: [{ ...first!, digest: 'sha256:other' }, ...rest] } })).toEqual(['the image of api'])
  expect(other({ candidate: { ...candidate, images: rest } })).toEqual(['the image of api'])
  expect(other({ content: 'other' })).toEqual(['the manifests'])
  expect(other({ content: 'other', target: 'compose' })).toEqual(['the compose configuration'])
  expect(other({ hooks: [hook] })).toEqual(['the hook migrate'])
  expect(other({ configHash: 'other', estateHash: 'other' })).toEqual(['slipway.yaml', 'estate.yaml'])
  expect(other({ irreversible: { name: 'drop', reason: 'gone' } })).toEqual(['what cannot be taken back'])
  expect(whatDiffers(preparation, { ...preparation, replacesEpoch: 3 })).toEqual([
    'the epoch it replaces (none when it was approved, 3 now)',
  ])
})

describe('a rejected request', () => {
  test.each([null, '', '  '])('has a reason, and not %j', (reason) => {
    const { state, answer } = judgeReject(awaiting(), vote(awaiting(), { reason }), 3000)
    expect(answer).toMatchObject({
      ok: false,
      kind: 'state',
      reason: expect.stringContaining('a rejection needs a reason'),
      next: ['slipway reject prod v1.0.0 --reason …'],
    })
    expect(state.waiting).toHaveLength(1)
    expect(state.entries.at(-1)).toMatchObject({ event: 'denied', by: 'anne (unverified)' })
  })

  const rejected = () => judgeReject(awaiting(), vote(awaiting(), { reason: 'not today' }), 3000).state

  test('is asked for again under a new id, which an old approval does not fit', () => {
    const { state, answer } = judgeRetry(rejected(), ANNE, 4000)
    expect(answer).toEqual({ ok: true, text: 'v1.0.0 is asked for again in prod' })
    const again = state.waiting[0]!.request
    expect(again).toMatchObject({ id: 'v1.0.0~2', at: 4000, by: ANNE })
    const waits = absorbPreparation(state, again, prepared(state, again), 4001)
    expect(vote(waits).hash).not.toBe(vote(awaiting()).hash)
    expect(judgeApprove(waits, vote(awaiting()), 4002).answer).toMatchObject({
      ok: false,
      reason: 'v1.0.0 is closed (rejected): rejected by anne (unverified): not today',
    })
    expect(judgeApprove(waits, vote(awaiting(), { request: 'v1.0.0~2' }), 4002).answer.ok).toBe(false)
    expect(judgeApprove(waits, vote(waits), 4002).answer.ok).toBe(true)
  })

  test('does not come back by a doubled message', () => {
    const state = rejected()
    expect(absorbRequest(state, wish, 9000)).toBe(state)
  })

  test('is not asked for again twice', () => {
    const { state } = judgeRetry(rejected(), ANNE, 4000)
    const again = judgeRetry(state, ANNE, 4001)
    expect(again.answer).toMatchObject({ ok: false, reason: 'nothing failed, was rejected or was rolled back in prod' })
    expect(again.state.entries.at(-1)).toMatchObject({ event: 'denied', text: expect.stringContaining('retry was denied: nothing failed') })
  })
})

describe('a request that its sprint takes back', () => {
  const back = { version: '1.0.0', tag: 'v1.0.0', reason: 'the tag moved' }

  test('can be asked for again while the sprint goes on, and not after its end', () => {
    const taken = absorbWithdraw(awaiting(), { ...back, mayReturn: true }, 3000)
    expect(taken.closed.at(-1)).toMatchObject({ id: 'v1.0.0', outcome: 'aborted', reason: 'the tag moved' })
    expect(judgeApprove(taken, vote(awaiting()), 3001).answer.ok).toBe(false)
    expect(judgeRetry(taken, ANNE, 3001).answer.ok).toBe(true)
    for (const state of [awaiting(), taken])
      expect(judgeRetry(absorbWithdraw(state, { ...back, mayReturn: false }, 3002), ANNE, 3003).answer.ok).toBe(false)
  })

  test('is the one it names, and no other', () => {
    for (const other of [
      { ...back, version: '2.0.0' },
      { ...back, tag: 'v1.0.0-hotfix1' },
    ])
      expect(absorbWithdraw(awaiting(), { ...other, mayReturn: false }, 3000)).toEqual(awaiting())
  })
})

test('what could not even be rendered the first time can be asked for again', () => {
  const parked = absorbUnpreparable(absorbRequest(prod(), wish, 2000), wish, 'the overlay does not render', 2001)
  expect(judgeRetry(parked, ANNE, 3000).answer.ok).toBe(true)
})

test('nothing is judged where nothing was ever asked for', () => {
  expect(judgeRetry(prod(), ANNE, 1).answer).toMatchObject({ ok: false, reason: 'nothing failed, was rejected or was rolled back in prod' })
  for (const answer of [judgeApprove(prod(), vote(prod()), 1).answer, judgeReject(prod(), vote(prod()), 1).answer])
    expect(answer).toMatchObject({ ok: false, reason: 'nothing is known of this environment yet; nothing was ever asked for here' })
})
