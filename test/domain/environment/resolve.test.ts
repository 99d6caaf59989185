import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../domain/canonical-json.ts'
import { absorbReport, type DeploymentReport } from '../../../domain/environment/deployments.ts'
import { judgeResolve } from '../../../domain/environment/judge-resolve.ts'
import { judgeRollback, rollbackTargets } from '../../../domain/environment/judge-rollback.ts'
import { absorbSurvey } from '../../../domain/environment/adopt.ts'
import { absorbKept, freeName, keptAs } from '../../../domain/environment/kept.ts'
import { reportFor } from '../../../domain/environment/report.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import { startDeployment } from '../../../domain/environment/deployments.ts'
import type { Choice, EnvironmentState } from '../../../domain/environment/state.ts'
import { environmentCommands, environmentWaits } from '../../../domain/environment/waits.ts'
import { alpha, ANNE, failed, prepared, prod, request, running, settingsOf, verified } from '../samples.ts'

const [A, B, C] = [request('A'), request('B', { at: 1001 }), request('C', { at: 1002 })]
const say = (choice: Choice | null, reason: string | null = 'looked at it') => ({ choice, by: ANNE, reason })

function halted(state: EnvironmentState, change: Partial<Extract<DeploymentReport, { kind: 'halted' }>> = {}): EnvironmentState {
  const report: DeploymentReport = {
    epoch: state.epoch,
    kind: 'halted',
    number: 1,
    step: 'before',
    hook: 'migrate',
    reason: 'its Job is gone',
    observed: ['begun at noon'],
    log: null,
    choices: ['retry', 'skip', 'abort'],
    ...change,
  }
  return absorbReport(state, report, 5000)
}

describe('a deployment that stands still', () => {
  const standing = halted(running(verified(alpha(), A), B))

  test('is parked with its reason and what a person can decide, and is not ended', () => {
    expect(standing).toMatchObject({ running: { epoch: 2, halt: { hook: 'migrate', since: 5000 } }, parked: null })
    expect(environmentWaits(standing)).toMatchObject([
      {
        kind: 'parked',
        detail: `${B.tag} (epoch 2) stands at the hook migrate, before the deployment: its Job is gone. slipway resolve alpha retry|skip|abort --reason … goes on, or a newer push`,
        since: 5000,
      },
    ])
    expect(environmentCommands(standing)).toContain('slipway resolve alpha skip --reason …')
    expect(reportFor(standing, '1.0.0').requests.at(-1)).toMatchObject({ stage: 'deploying', halt: 'its Job is gone' })
  })

  test('goes on as a person decides, once, and only as it can', () => {
    const skipped = judgeResolve(standing, say('skip'), 6000)
    expect(skipped).toMatchObject({ answer: { ok: true }, resolution: { epoch: 2, halt: 1, choice: 'skip' } })
    expect(skipped.state.running).not.toHaveProperty('halt')
    expect(skipped.state.entries.at(-1)).toMatchObject({ event: 'resolved', by: 'anne (unverified)' })
    expect(judgeResolve(skipped.state, say('skip'), 7000)).toMatchObject({ answer: { ok: false }, state: { running: { epoch: 2 } } })
    const refused = judgeResolve(standing, say('rollback'), 6000)
    expect(refused).toMatchObject({ answer: { ok: false, reason: expect.stringContaining('there is no rollback') } })
    expect(refused).not.toHaveProperty('resolution')
  })

  test('is not brought to a stand by a late report of an earlier stand', () => {
    const second = halted(standing, { number: 2, reason: 'again' })
    expect(halted(second, { number: 1 })).toBe(second)
    expect(halted(second, { epoch: 1 })).toBe(second)
    expect(absorbReport(second, { epoch: 2, kind: 'progress', step: 'before', attempt: 3, retry: null }, 1).running).not.toHaveProperty(
      'halt',
    )
  })
})

describe('what has ended and is parked', () => {
  const parked = failed(running(verified(alpha(), A), B), 'restored')

  test('is asked for again, put aside, or left for what ran before', () => {
    expect(judgeResolve(parked, say('retry'), 6000).state.waiting.map(({ request: { id } }) => id)).toEqual([`${B.id}~2`])
    expect(judgeResolve(parked, say('abort'), 6000).state).toMatchObject({ parked: null, rejected: [{ id: B.id }] })
    expect(judgeResolve(parked, say('skip'), 6000).answer).toMatchObject({ ok: false, reason: expect.stringContaining('only a hook') })
    expect(judgeResolve(parked, say('rollback'), 6000).answer).toMatchObject({
      ok: false,
      reason: expect.stringContaining('runs there, as it was verified'),
    })
    const broken = failed(running(verified(alpha(), A), B), 'broken')
    expect(judgeResolve(broken, say('rollback'), 6000).state.waiting).toMatchObject([{ request: { rollback: { epoch: 1 } } }])
  })

  test('needs a choice and a reason, and something that is parked', () => {
    expect(judgeResolve(parked, say(null), 1).answer).toMatchObject({
      ok: false,
      reason: expect.stringContaining('retry, skip, abort, rollback'),
    })
    expect(judgeResolve(parked, say('retry', ''), 1).answer).toMatchObject({ ok: false, reason: expect.stringContaining('needs a reason') })
    expect(judgeResolve(verified(alpha(), A), say('retry'), 1).answer).toMatchObject({ ok: false, reason: 'nothing is parked in alpha' })
  })
})

describe('a way back while something is put there', () => {
  test('goes to what ran before, and what was ended for it is vetoed', () => {
    const bad = running(verified(alpha(), A), B)
    expect(rollbackTargets(bad).map(({ epoch }) => epoch)).toEqual([1])
    const asked = judgeRollback(bad, { epoch: 1, by: ANNE, reason: 'it loses orders' }, 5000)
    expect(asked.answer).toMatchObject({ ok: true })
    const reason = 'it was ended: anne asked for the way back'
    const end = { epoch: 2, kind: 'failed', target: 'broken', step: 'applying', reason, observed: [], log: null, heldEpoch: null } as const
    const ended = absorbReport(asked.state, { ...end, stopped: true }, 6000)
    expect(ended).toMatchObject({ broken: true, vetoes: [{ epoch: 2, tag: B.tag }], waiting: [{ request: { rollback: { epoch: 1 } } }] })
  })
})

test('a way back that the deployment which runs did not take is closed, and can be asked for anew', () => {
  const nonce = 'n'.repeat(16)
  const statement = canonicalJson({ format: 'slipway/1', nonce })
  const word = { action: 'rollback', signed: { statement, signature: 'armored' } }
  const bad = running(verified(alpha(), A), B)
  const asked = judgeRollback(bad, { epoch: 1, by: ANNE, reason: 'it loses orders', word }, 5000).state
  const denied = { epoch: 2, kind: 'denied', what: 'rollback', who: 'anne', reason: 'nobody could look' } as const
  // A forged one, or an older, closes nothing.
  expect(absorbReport(asked, { ...denied, nonce: 'm'.repeat(16) }, 6000).waiting).toEqual(asked.waiting)
  expect(absorbReport(asked, denied, 6000).waiting).toEqual(asked.waiting)
  const closed = absorbReport(asked, { ...denied, nonce }, 6000)
  expect(closed.waiting).toEqual([])
  expect(closed.closed.at(-1)).toMatchObject({ outcome: 'aborted', reason: expect.stringContaining('nobody could look. Say it again') })
  expect(judgeRollback(closed, { epoch: 1, by: ANNE, reason: 'it loses orders', word }, 7000).answer).toMatchObject({ ok: true })
})

describe('what cannot be taken back', () => {
  const drop = { name: 'drop-orders', reason: 'the column orders is gone' }
  const put = (state: EnvironmentState, of = B, irreversible: typeof drop | null = drop): EnvironmentState => {
    const asked = absorbRequest(state, of, 2000)
    const waiting = asked.waiting.at(-1)!
    const { preparation } = prepared(asked, waiting.request)
    const snapshot = irreversible === null ? preparation.snapshot : { ...preparation.snapshot, irreversible }
    const stage = { kind: 'ready', preparation, approval: null, problem: null } as const
    return startDeployment({ ...asked, settings: settingsOf('alpha') }, { ...waiting, stage }, { ...preparation, snapshot }, 3000)
  }
  const done = (state: EnvironmentState) => absorbReport(state, { epoch: state.epoch, kind: 'verified', observed: [] }, 4000)
  const back = (state: EnvironmentState, epoch: number, force = false) =>
    judgeRollback(state, { epoch, by: ANNE, reason: 'slow', ...(force ? { force } : {}) }, 5000)

  test('refuses a way back across it, points to the hotfix, and lets itself be forced', () => {
    const state = done(put(verified(alpha(), A)))
    expect(back(state, 1).answer).toMatchObject({
      ok: false,
      reason: expect.stringMatching(
        /lies before drop-orders, which came with .* \(epoch 2\) and cannot be taken back: the column orders is gone/,
      ),
      next: ['slipway hotfix 1.0.0', 'slipway rollback alpha --to 1 --force --reason …'],
    })
    expect(rollbackTargets(state)).toEqual([])
    expect(back(state, 1, true).answer).toMatchObject({ ok: true })
  })

  test('is forced by those who answer for a release, also where everybody may go back', () => {
    const state = done(put(verified(alpha(), A)))
    const roles = { developer: ['dora'], qa: [], 'release-manager': ['rita'], approver: [], admin: [] }
    const named = { ...state, settings: { ...settingsOf('alpha'), rights: { roles, verified: false } } }
    const forcedBy = (name: string) =>
      judgeRollback(named, { epoch: 1, by: { kind: 'person', name, verified: false }, reason: 'slow', force: true }, 5000).answer
    expect(forcedBy('dora')).toMatchObject({
      ok: false,
      kind: 'rights',
      reason: 'dora may not go back across what cannot be taken back in alpha; who may: rita',
    })
    expect(forcedBy('rita')).toMatchObject({ ok: true })
  })

  test('is crossed once: between what lies on the same side one goes back and forth', () => {
    const two = done(put(done(put(verified(alpha(), A))), C))
    expect(back(two, 2).answer).toMatchObject({ ok: true })
    expect(back(two, 1).answer).toMatchObject({ ok: false })
    const without = done(put(two, request('D', { at: 1003 }), null))
    expect(back(without, 3).answer).toMatchObject({ ok: true })
  })

  test('a forced way back does not become a way around it', () => {
    const state = done(put(verified(alpha(), A)))
    const forced = back(state, 1, true).state
    const waiting = forced.waiting[0]!
    if (waiting.stage.kind !== 'ready') throw new Error('not ready')
    const again = done(startDeployment(forced, waiting, waiting.stage.preparation, 6000))
    expect(again.current).toMatchObject({ epoch: 3, rollback: { origin: 1 } })
    const forth = done(put(again, C))
    expect(back(forth, 3).answer).toMatchObject({ ok: false })
  })

  test('is crossed once more by the forced way back that failed and is tried again, and by no other', () => {
    const state = done(put(verified(alpha(), A)))
    const begin = (asked: EnvironmentState) => {
      const waiting = asked.waiting[0]!
      if (waiting.stage.kind !== 'ready') throw new Error('not ready')
      return startDeployment(asked, waiting, waiting.stage.preparation, 6000)
    }
    const parked = failed(begin(back(state, 1, true).state), 'broken')
    expect(judgeResolve(parked, say('retry'), 7000)).toMatchObject({
      answer: { ok: true },
      state: { waiting: [{ request: { rollback: { epoch: 1, force: true } } }] },
    })
    expect(back(parked, 1).answer).toMatchObject({ ok: false, reason: expect.stringContaining('lies before drop-orders') })
  })

  test('counts from when it may have begun, not when it is certain that it has not', () => {
    const begun = put(verified(alpha(), A))
    const end = { epoch: 2, kind: 'failed', reason: 'x', observed: [], log: null, heldEpoch: null } as const
    expect(absorbReport(begun, { ...end, target: 'intact', step: 'applying' }, 1).crossings).toEqual([])
    const migrate = { name: 'migrate', when: 'before', kind: 'job', content: 'sha256:0', timeoutSeconds: 60 } as const
    const { preparation } = begun.running!
    const hooked = {
      ...begun,
      running: { ...begun.running!, preparation: { ...preparation, snapshot: { ...preparation.snapshot, hooks: [migrate] } } },
    }
    expect(absorbReport(hooked, { ...end, target: 'intact', step: 'applying' }, 1).crossings).toHaveLength(1)
    expect(absorbReport(begun, { ...end, target: 'broken', step: 'verifying' }, 1).crossings).toHaveLength(1)
  })
})

test('where somebody approves, a newer release closes what waits of an older one, with its reason', () => {
  const guarded = { ...prod(), settings: settingsOf('prod') }
  const release = (tag: string, version: string, at: number) =>
    request(tag, { id: tag, tag, version, at, by: { kind: 'automation', name: `sprint ${version}` } })
  const older = absorbRequest(guarded, release('v1.0.0-hotfix2', '1.0.0', 1), 1)
  const newer = absorbRequest(older, release('v1.1.0', '1.1.0', 2), 2)
  expect(newer.waiting.map(({ request: { id } }) => id)).toEqual(['v1.1.0'])
  expect(newer.closed).toMatchObject([
    { id: 'v1.0.0-hotfix2', outcome: 'superseded', reason: 'v1.1.0, a newer release, was asked for after it' },
  ])
  // It is still to be had by hand.
  expect(newer.rejected).toMatchObject([{ id: 'v1.0.0-hotfix2' }])
  const reversed = absorbRequest(absorbRequest(guarded, release('v1.1.0', '1.1.0', 1), 1), release('v1.0.0-hotfix10', '1.0.0', 2), 2)
  expect(reversed.waiting).toHaveLength(2)
})

test('every snapshot that one can go back to keeps its digests under a name of its own', () => {
  const kept = (state: EnvironmentState, of: typeof A) => {
    const started = running(state, of)
    return absorbReport(started, { epoch: started.epoch, kind: 'verified', observed: [], kept: freeName(started) }, 1)
  }
  let state = alpha()
  for (let number = 0; number < 25; number++) state = kept(state, request(`R${number}`, { at: 1000 + number }))
  const numbers = [state.current, ...state.past].map((deployed) => deployed?.kept)
  expect(new Set(numbers).size).toBe(numbers.length)
  for (let number = 25; number < 80; number++) state = kept(state, request(`R${number}`, { at: 1000 + number }))
  expect(Math.max(...[state.current, ...state.past].map((deployed) => Number(deployed?.kept)))).toBeLessThanOrEqual(32)
  expect(keptAs('prod', 3)).toBe('slipway-keep-prod-3')
})

test('after everything was forgotten, what was kept before keeps its name: the numbers go on with the epochs of the target', () => {
  let state = alpha()
  const names = new Map<number, string>()
  const keep = (of: typeof A) => {
    const started = running(state, of)
    const number = freeName(started)
    names.set(number, of.tag)
    state = absorbReport(started, { epoch: started.epoch, kind: 'verified', observed: [], kept: number }, 1)
  }
  for (let number = 0; number < 40; number++) keep(request(`R${number}`, { at: 1000 + number }))
  const kept = [state.current, ...state.past].map((deployed) => ({ tag: deployed?.tag, number: deployed?.kept }))
  const { epoch, current } = state
  const survey = { found: { tag: current!.tag, snapshot: current!.snapshot, observed: [] }, epoch, settings: settingsOf('alpha') }
  state = absorbSurvey(alpha(), survey, ANNE, 5000).state
  expect(freeName(state)).toBe(current!.kept)
  state = absorbKept(state, epoch, freeName(state), 5001)
  expect(state.current).toMatchObject({ adopted: true, kept: current!.kept })
  for (let number = 0; number < 10; number++) keep(request(`S${number}`, { at: 9000 + number }))
  for (const { tag, number } of kept) expect(names.get(number!)).toBe(tag)
})
