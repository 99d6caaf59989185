import { describe, expect, test } from 'vitest'
import { absorbFacts, absorbReport } from '../../../domain/sprint/absorb.ts'
import type { SprintCommand } from '../../../domain/sprint/commands.ts'
import { judge } from '../../../domain/sprint/judge.ts'
import { nextCommands } from '../../../domain/sprint/next.ts'
import type { SprintState } from '../../../domain/sprint/state.ts'
import { markAsked, sprintSteps } from '../../../domain/sprint/steps.ts'
import { sprintWaits } from '../../../domain/sprint/waits.ts'
import { ANNE, facts, ref, report, requestReport, rev, short, sprint } from '../samples.ts'
import { sprintIn } from './phases.ts'

const say = (state: SprintState, command: SprintCommand) => judge(state, command, ANNE, 9000)
const said = (state: SprintState, command: SprintCommand) => {
  const judged = say(state, command)
  if (!judged.ok) throw new Error(judged.reason)
  return judged
}
const waits = (state: SprintState) => sprintWaits(state).map((wait) => wait.detail)
const release = (at: string) => ref('release-1.0.0', at)
const runsOnAlpha = (at: string, sequence: number, signed?: 'pass' | 'fail') =>
  report('alpha', sequence, { tag: `release-1.0.0.${short(at)}`, at, epoch: sequence, ...(signed === undefined ? {} : { signed }) })
const ask = (state: SprintState) => sprintSteps(state).reduce((next, step) => markAsked(next, step, 9000), state)

describe('features', () => {
  test('cut names what is missing, and leaves it out only by name', () => {
    const state = sprintIn('integrating')
    expect(say(state, { kind: 'cut', without: [] })).toMatchObject({
      ok: false,
      reason: 'feature/greeting is listed for 1.0.0 and not in develop',
      next: ['slipway cut 1.0.0 --without feature/greeting', 'slipway feature merged feature/greeting'],
    })
    expect(said(state, { kind: 'cut', without: ['feature/greeting'] })).toMatchObject({
      state: { features: [] },
      effects: [{ kind: 'createBranch', name: 'release-1.0.0', revision: rev('A') }],
    })
    expect(
      said(said(state, { kind: 'settleFeature', branch: 'feature/greeting', revision: null }).state, { kind: 'cut', without: [] }).ok,
    ).toBe(true)
  })

  const seen = (sequence: number, merged: 'merge' | 'squash' | null, at = 'A', rewrittenAt?: number) =>
    facts(sequence, {
      develop: ref('develop', at, 'built', rewrittenAt === undefined ? {} : { rewrittenAt }),
      features: [{ branch: 'feature/greeting', revision: merged === null ? null : rev('F'), merged }],
    })

  test('once seen merged a feature stays merged, though its branch is deleted', () => {
    const merged = absorbFacts(sprintIn('integrating'), seen(2, 'squash'), 9000)
    expect(absorbFacts(merged, seen(3, null, 'B'), 9000).features[0]?.merged?.how).toBe('squash')
  })

  test('when develop is rewritten, what is merged is seen anew; what a person settled stays', () => {
    const merged = absorbFacts(sprintIn('integrating'), seen(2, 'merge'), 9000)
    expect(absorbFacts(merged, seen(3, null, 'X', 9000), 9000).features[0]?.merged).toBeNull()
    expect(absorbFacts(merged, seen(3, 'merge', 'X', 9000), 9000).features[0]?.merged?.how).toBe('merge')
    const settled = said(sprintIn('integrating'), { kind: 'settleFeature', branch: 'feature/greeting', revision: null }).state
    expect(absorbFacts(settled, seen(3, null, 'X', 9000), 9000).features[0]?.merged?.how).toBe('person')
  })

  test('a sprint lists at most 50', () => {
    const full = sprint(Array.from({ length: 50 }, (_, index) => `feature/${index}`))
    expect(say(full, { kind: 'addFeature', branch: 'feature/50' })).toMatchObject({
      ok: false,
      reason: 'a sprint lists at most 50 features',
    })
  })
})

describe('sign-off', () => {
  test('a tag is made only on what QA signed off', () => {
    const state = absorbReport(sprintIn('stabilising'), runsOnAlpha('B', 1), 9000)
    expect(say(state, { kind: 'tag', revision: null })).toMatchObject({ ok: false, reason: `${short('B')} is not signed off on alpha` })
    const passed = absorbReport(state, runsOnAlpha('B', 2, 'pass'), 9000)
    expect(said(passed, { kind: 'tag', revision: null }).effects).toEqual([{ kind: 'createTag', name: 'v1.0.0', revision: rev('B') }])
    const refused = absorbReport(passed, runsOnAlpha('B', 3, 'fail'), 9000)
    expect(say(refused, { kind: 'tag', revision: null }).ok).toBe(false)
    expect(waits(refused)).toEqual([`QA found release-1.0.0.${short('B')} not good on alpha; a bugfix pushed to release-1.0.0 goes on`])
  })

  test('a sign-off given to another sprint on the same environment does not count', () => {
    const other = runsOnAlpha('B', 1, 'pass')
    const state = absorbReport(sprintIn('stabilising'), { ...other, current: { ...other.current!, version: '2.0.0' } }, 9000)
    expect(say(state, { kind: 'tag', revision: rev('B') }).ok).toBe(false)
  })

  test('when the release branch is rewritten, sign-offs on what vanished lapse', () => {
    const passed = absorbReport(sprintIn('stabilising'), runsOnAlpha('B', 1, 'pass'), 9000)
    const moved = absorbFacts(passed, facts(3, { release: release('C') }), 9000)
    expect(moved.signedOff).toHaveLength(1)
    const rewritten = absorbFacts(moved, facts(4, { release: ref('release-1.0.0', 'D', 'built', { rewrittenAt: 9000 }) }), 9000)
    expect(rewritten.signedOff).toEqual([])
    expect(say(rewritten, { kind: 'tag', revision: rev('B') }).ok).toBe(false)
    const restored = absorbFacts(moved, facts(4, { release: ref('release-1.0.0', 'B', 'built', { rewrittenAt: 9000 }) }), 9000)
    expect(restored.signedOff.map((signOff) => signOff.revision)).toEqual([rev('B')])
  })
})

describe('tags', () => {
  test('a tag that was pushed before the sign-off waits for it, and then goes on by itself', () => {
    const pushed = absorbFacts(
      absorbReport(sprintIn('stabilising'), runsOnAlpha('B', 1), 9000),
      facts(3, { release: release('B'), tags: [ref('v1.0.0', 'B')] }),
      9000,
    )
    expect(pushed.phase).toBe('stabilising')
    expect(waits(pushed)).toEqual([`v1.0.0 waits: ${short('B')} is not signed off on alpha`])
    expect(sprintSteps(pushed).filter((step) => step.environment === 'prod')).toEqual([])
    const signed = absorbReport(pushed, runsOnAlpha('B', 2, 'pass'), 9000)
    expect(signed).toMatchObject({ phase: 'releasing', release: { tag: 'v1.0.0', revision: rev('B') } })
    expect(sprintSteps(signed).map(({ environment, tag }) => [environment, tag])).toEqual([['prod', 'v1.0.0']])
  })

  test('changed code after a rejected release takes the next hotfix', () => {
    const rejected = absorbReport(
      sprintIn('releasing'),
      report('prod', 2, null, [requestReport('v1.0.0', 'rejected', { reason: 'not today' })]),
      9000,
    )
    expect(rejected.phase).toBe('stabilising')
    expect(waits(rejected)).toEqual(['v1.0.0 did not reach prod (rejected): not today'])
    expect(nextCommands(rejected)[0]).toBe('slipway retry prod')
    const fixed = absorbFacts(rejected, facts(9, { release: release('C'), tags: [ref('v1.0.0', 'B')] }), 9000)
    const signed = absorbReport(fixed, runsOnAlpha('C', 8, 'pass'), 9000)
    expect(said(signed, { kind: 'tag', revision: null }).effects).toEqual([
      { kind: 'createTag', name: 'v1.0.0-hotfix1', revision: rev('C') },
    ])
  })

  test('hotfix10 comes after hotfix9', () => {
    const tags = [ref('v1.0.0', 'B'), ...Array.from({ length: 9 }, (_, index) => ref(`v1.0.0-hotfix${index + 1}`, `H${index}`))]
    const state = absorbReport(
      absorbFacts(sprintIn('stabilising'), facts(3, { release: release('C'), tags }), 9000),
      runsOnAlpha('C', 1, 'pass'),
      9000,
    )
    expect(said(state, { kind: 'tag', revision: null }).effects).toMatchObject([{ name: 'v1.0.0-hotfix10' }])
  })

  test.each([
    ['deleted', [], 'was deleted'],
    ['moved', [ref('v1.0.0', 'C')], `was moved to ${short('C')}`],
  ])('a tag that is %s after it was asked for is an alarm, never a deployment', (_, tags, words) => {
    const rejected = absorbReport(sprintIn('releasing'), report('prod', 2, null, [requestReport('v1.0.0', 'rejected')]), 9000)
    const state = absorbFacts(rejected, facts(9, { release: release('B'), tags }), 9000)
    expect(waits(state)[0]).toContain(
      `alarm: v1.0.0 was asked for at ${short('B')} and ${words}; put it back: git push --force <remote> ${rev('B')}:refs/tags/v1.0.0`,
    )
    const retried = absorbReport(state, report('prod', 3, null, [requestReport('v1.0.0', 'queued', { id: 'v1.0.0~2' })]), 9000)
    expect(retried.phase).toBe('stabilising')
    expect(sprintSteps(ask(retried)).filter((step) => step.environment === 'prod')).toEqual([])
  })

  test('a wrong tag may be deleted until it was asked for', () => {
    const wrong = absorbFacts(sprintIn('stabilising'), facts(3, { release: release('B'), tags: [ref('v1.0.0', 'A')] }), 9000)
    expect(waits(wrong)).toContain(
      `v1.0.0 waits: ${short('A')} is not signed off on alpha; release-1.0.0 is elsewhere: git push <remote> --delete v1.0.0 takes a wrong tag back`,
    )
    expect(waits(absorbFacts(wrong, facts(4, { release: release('B') }), 9000)).join()).not.toContain('alarm')
  })

  test('a tag whose images cannot be named yet says so', () => {
    const signed = absorbReport(sprintIn('stabilising'), runsOnAlpha('B', 1, 'pass'), 9000)
    expect(waits(absorbFacts(signed, facts(3, { release: release('B'), tags: [ref('v1.0.0', 'B', 'building')] }), 9000))).toEqual([
      'the images of v1.0.0 are being built',
    ])
    expect(waits(absorbFacts(signed, facts(3, { release: release('B'), tags: [ref('v1.0.0', 'B', 'failed')] }), 9000))[0]).toContain(
      'v1.0.0 could not be built: COPY failed',
    )
  })
})

describe('two production environments', () => {
  const two: SprintState = {
    ...sprintIn('releasing'),
    settings: {
      ...sprintIn('releasing').settings,
      environments: [
        ...sprintIn('releasing').settings.environments,
        { ...sprintIn('releasing').settings.environments[2]!, name: 'prod-2' },
      ],
    },
  }
  const live = (name: string, sequence: number, ended = false) =>
    report(name, sequence, { tag: 'v1.0.0', at: 'B', epoch: 1 }, ended ? [requestReport('v1.0.0', 'rejected')] : [])

  test('both must run the release', () => {
    expect(absorbReport(two, live('prod', 5), 9000).phase).toBe('releasing')
    expect(absorbReport(absorbReport(two, live('prod', 5), 9000), live('prod-2', 5), 9000).phase).toBe('live')
  })

  test('one that was rejected and then approved does not hold the other back', () => {
    const state = absorbReport(
      absorbReport(two, live('prod', 5, true), 9000),
      report('prod-2', 5, null, [requestReport('v1.0.0', 'awaitingApproval')]),
      9000,
    )
    expect(state.phase).toBe('releasing')
    expect(absorbReport(state, live('prod-2', 6), 9000).phase).toBe('live')
  })
})

test('a release that goes live after a rejection is live, though no message told that it was asked for again', () => {
  const rejected = absorbReport(sprintIn('releasing'), report('prod', 2, null, [requestReport('v1.0.0', 'rejected')]), 9000)
  const live = absorbReport(rejected, report('prod', 7, { tag: 'v1.0.0', at: 'B', epoch: 2 }, [requestReport('v1.0.0', 'rejected')]), 9000)
  expect(live.phase).toBe('live')
})

test('a deleted release branch is held, with the push that restores it', () => {
  const gone = absorbFacts(sprintIn('stabilising'), facts(3), 9000)
  expect(waits(gone)).toEqual([`release-1.0.0 is gone from the remote; git push <remote> ${rev('B')}:refs/heads/release-1.0.0 goes on`])
  expect(absorbFacts(gone, facts(4, { release: release('B') }), 9000).phase).toBe('stabilising')
})

test('a person must say who they are', () => {
  expect(judge(sprintIn('integrating'), { kind: 'abort', reason: '' }, { kind: 'person', name: ' ', verified: false }, 9000)).toMatchObject(
    { ok: false, kind: 'rights' },
  )
})
