import { readFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { PlannedChange } from '../../activities/contract.ts'
import type { PlanSeen } from '../../domain/environment/state.ts'
import { refuse } from '../../domain/wait.ts'
import { A, ANNE, B, BEGIN, environmentOf, releasing } from './sample.ts'
import { opens, slipway } from './terminal.ts'

const HOUR = 3_600_000
const changes: PlannedChange[] = [
  { object: 'configmap/settings', change: 'delete', diff: null, note: null },
  { object: 'deployment/website', change: 'update', diff: '@@ -1 +1 @@\n-a\n+b', note: null },
]
const plan: PlanSeen = {
  ok: true,
  at: BEGIN,
  basis: 'b'.repeat(64),
  whole: `sha256:${'7'.repeat(64)}`,
  counts: { create: 0, update: 1, replace: 0, delete: 1, unchanged: 6, unknown: 0 },
  removals: { names: ['delete configmap/settings'], left: 0 },
}
const commits = [
  { revision: A, subject: 'fix: the basket', author: 'Dora' },
  { revision: B, subject: 'feat: a basket', author: 'Emil' },
]

/** Production, where a release waits for approval with this plan. */
function awaiting(seen: PlanSeen | undefined, frozen = false) {
  const { state } = releasing().environments[2]!.view!
  const waiting = state.waiting.map((each) =>
    'preparation' in each.stage
      ? { ...each, stage: { ...each.stage, preparation: { ...each.stage.preparation, ...(seen === undefined ? {} : { plan: seen }) } } }
      : each,
  ) as typeof state.waiting
  const freeze = {
    open: false,
    windows: [{ name: 'weekend', kind: 'deny' as const }],
    until: BEGIN + HOUR,
    untilWords: 'Monday 08:00 Europe/Berlin',
    rollbacks: 'pass' as const,
    at: BEGIN,
    again: BEGIN + HOUR,
    since: BEGIN,
  }
  return environmentOf('prod', { ...state, waiting, freeze: frozen ? freeze : null })
}

/** Alpha, where QA signed the same revision off. */
function tested() {
  const { state } = releasing().environments[1]!.view!
  const signOff = { verdict: 'pass' as const, by: ANNE, at: BEGIN, message: 'it works' }
  return environmentOf('alpha', { ...state, current: state.current && { ...state.current, signOff } })
}

const house = (prod = awaiting(plan), more: Parameters<typeof opens>[0] = {}) =>
  opens({
    environment: async (name) => (name === 'prod' ? prod : name === 'alpha' ? tested() : environmentOf(name)),
    review: async () => ({ ok: true, problem: null, commits, total: 12, commitsProblem: null }),
    readLog: async () => ({ text: JSON.stringify({ changes }), totalBytes: 1, nextOffset: null }),
    ...more,
  })
const anne = ['--as', 'anne']
const io = { now: () => BEGIN + 3 * HOUR }

test('what should make one stop comes first, then who said what, then the plan, and nothing is approved by looking', async () => {
  const { code, out, err } = await slipway([...anne, 'approve', 'prod', '--dry-run'], { open: house(awaiting(plan, true)), io })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const lines = out.split('\n')
  expect(lines.slice(0, 3)).toEqual([
    'v1.0.0 for prod: v1.0.0 at aaaaaaaa, in place of v0.9.0 (epoch 4, bbbbbbbb)',
    '  it would delete configmap/settings',
    '  prod is frozen by weekend, until Monday 08:00 Europe/Berlin: approved, it waits for that',
  ])
  expect(out).toContain('  signed off on alpha by anne (unverified), 3 h ago (2026-11-23 04:00:00 UTC): it works\n')
  expect(out).toContain('  12 commits since v0.9.0, by Dora, Emil and others\n')
  expect(out).toMatch(/ {4}aaaaaaaa {2}fix: the basket +Dora\n.*\n {4}and 10 more\n/)
  expect(out).toContain('  - configmap/settings  delete\n')
  expect(out).toContain('1 to update, 1 to delete, 6 unchanged\n')
  expect(out).toContain(`  plan ${'b'.repeat(64)}\n`)
})

test('an approval names the plan that was shown, or the one that somebody looked at', async () => {
  const approve = vi.fn(async () => ({ ok: true as const, text: 'v1.0.0 is approved for prod' }))
  await slipway([...anne, 'approve', 'prod'], { open: house(awaiting(plan), { approve }), io })
  expect(approve).toHaveBeenCalledWith('prod', expect.objectContaining({ plan: 'b'.repeat(64) }))
  const stale = vi.fn(async () => refuse('the plan cccccccc… of v1.0.0 is stale, the target has moved since: delete configmap/settings'))
  const { code, err } = await slipway([...anne, 'approve', 'prod', '--plan', 'cccccccc'], {
    open: house(awaiting(plan), { approve: stale }),
    io,
  })
  expect(stale).toHaveBeenCalledWith('prod', expect.objectContaining({ plan: 'cccccccc' }))
  expect({ code, err }).toEqual({
    code: 3,
    err: expect.stringContaining('is stale, the target has moved since: delete configmap/settings'),
  })
  expect(await slipway([...anne, 'approve', 'prod', '--plan', 'xyz'], { open: house(), io })).toMatchObject({ code: 2 })
})

test('what cannot be told is said, and holds up nothing', async () => {
  const approve = vi.fn(async () => ({ ok: true as const, text: 'v1.0.0 is approved for prod' }))
  const problem = 'the cluster does not answer'
  const review = async () => ({ ok: true as const, problem, commits: [], total: 0, commitsProblem: 'git is away' })
  const old = await slipway([...anne, 'approve', 'prod'], { open: house(awaiting(plan), { approve, review }), io })
  expect(old.out).toContain('  as it was planned 3 h ago; anew it cannot be: the cluster does not answer\n')
  expect(old.out).toContain('  its commits cannot be told: git is away\n')
  const none = await slipway([...anne, 'approve', 'prod'], {
    open: house(awaiting({ ok: false, at: BEGIN, reason: problem }), { approve, review }),
    io,
  })
  expect(none.out).toContain('  what it changes could not be planned: the cluster does not answer\n')
  // An older worker has no such look.
  const away = await slipway([...anne, 'approve', 'prod'], {
    open: house(awaiting(plan), { approve, review: () => Promise.reject(new Error('unknown update')) }),
    io,
  })
  expect(away).toMatchObject({ code: 0, out: expect.stringContaining('v1.0.0 is approved for prod') })
  expect(approve).toHaveBeenCalledTimes(3)
})

test('as JSON, in the shape that is promised', async () => {
  const schema = z.fromJSONSchema(JSON.parse(await readFile(new URL('../../schema/approve.output.schema.json', import.meta.url), 'utf8')))
  const dry = JSON.parse(
    (await slipway([...anne, 'approve', 'prod', '--dry-run', '--json'], { open: house(awaiting(plan, true)), io })).out,
  )
  expect(schema.parse(dry)).toMatchObject({
    replaces: { epoch: 4, tag: 'v0.9.0' },
    signOffs: [{ environment: 'alpha', by: 'anne (unverified)', verdict: 'pass' }],
    commits: { total: 12, newest: [{ author: 'Dora' }, { author: 'Emil' }] },
    frozen: { windows: ['weekend'] },
    plan: { basis: 'b'.repeat(64), removals: ['delete configmap/settings'] },
    changes,
    answer: null,
  })
  const approve = async () => refuse('anne may not approve in prod', [], 'rights')
  const refused = await slipway([...anne, 'approve', 'prod', '--json'], { open: house(awaiting(undefined), { approve }), io })
  expect(refused.code).toBe(3)
  expect(schema.parse(JSON.parse(refused.out))).toMatchObject({
    plan: null,
    changes: null,
    answer: { ok: false, text: 'anne may not approve in prod' },
  })
})
