import { expect, test } from 'vitest'
import { composeHistory } from '../../../client/json/history.ts'
import { approvalLines } from '../../../client/view/approval.ts'
import { doctorLines } from '../../../client/view/doctor.ts'
import { envLines } from '../../../client/view/env.ts'
import { historyLines } from '../../../client/view/history.ts'
import { PLAIN, printed, type Line } from '../../../client/view/span.ts'
import type { ScriptAnswer } from '../../../domain/settings.ts'
import { cleanedLines } from '../../../client/commands/clean.ts'
import {
  A,
  ANNE,
  BEGIN,
  candidateOf,
  deployedOf,
  environmentOf,
  MINUTE,
  preparationOf,
  releasing,
  requestOf,
  settingsOf,
  sprintOf,
} from '../sample.ts'

const page = (lines: readonly Line[]) => printed(lines, { columns: 200, paint: PLAIN }).join('\n')

test('what is approved is shown with what it replaces and the whole hash', () => {
  const prod = releasing().environments[2]!.view!.state
  expect(page(approvalLines(prod, prod.waiting[0]!, preparationOf(candidateOf(A), 'v1.0.0', 4)))).toBe(
    `
v1.0.0 for prod: v1.0.0 at aaaaaaaa
  api      111111111111  as it runs now
  website  aaaaaaaaaaaa  in place of bbbbbbbbbbbb
  it replaces v0.9.0 (epoch 4, bbbbbbbb)
  hash 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`.trimStart(),
  )
})

test('who has approved already is shown, and who is missing', () => {
  const prod = releasing().environments[2]!.view!.state
  const policy = { count: 2, required: ['carol'], author: true, tagger: true, expiresMs: 1, reason: false, verified: true, addressed: [] }
  const settings = { ...settingsOf('prod', 'tag'), approval: policy }
  const by = { kind: 'person', name: 'anne', verified: true, key: `SHA256:${'a'.repeat(43)}` } as const
  const preparation = preparationOf(candidateOf(A), 'v1.0.0', 4)
  const waiting = {
    ...prod.waiting[0]!,
    stage: { kind: 'awaitingApproval' as const, preparation, votes: [{ by, at: BEGIN, reason: 'tested' }] },
  }
  expect(page(approvalLines({ ...prod, settings }, waiting, preparation))).toMatch(
    /approved by anne, SHA256:aaaaaaaa…: tested\n {2}1 of 2 still missing, among them carol$/,
  )
})

test('a first deployment says that there is nothing to go back to', () => {
  const candidate = candidateOf(A)
  const preparation = preparationOf(candidate, 'v1.0.0')
  const waiting = {
    request: requestOf(candidate, 'v1.0.0', BEGIN),
    since: BEGIN,
    stage: { kind: 'awaitingApproval' as const, preparation },
  }
  const shown = page(approvalLines(environmentOf('prod').state, waiting, preparation))
  expect(shown).toContain('  api      111111111111  new\n')
  expect(shown).toContain('  it is the first deployment: there is nothing to go back to\n')
})

test('an environment tells what runs, what waits and what ran before', () => {
  const picture = releasing().environments[2]!
  const approval = { request: 'v0.9.0', hash: '9'.repeat(64), by: ANNE, at: BEGIN, reason: 'QA is happy' }
  const { state } = picture.view!
  const current = { ...state.current!, approval }
  const past = [deployedOf(candidateOf(A), 'v0.8.0', 3, BEGIN - 60 * 24 * MINUTE)]
  expect(
    page(envLines({ ...picture, view: environmentOf('prod', { ...state, current, past }) }, { now: BEGIN + 5 * MINUTE, columns: 200 })),
  ).toBe(
    `
prod  kustomize, fed by release tags, deployed after approval by alice or bob
  prod  ?  v1.0.0    waits for approval for 2 min; v0.9.0 runs

runs now
  v0.9.0  bbbbbbbb, epoch 4, for 1 h 35 min
    api      111111111111  eap/api
    website  bbbbbbbbbbbb  eap/website
  approved by anne (unverified): QA is happy

waits for approval
v1.0.0 for prod: v1.0.0 at aaaaaaaa
  api      111111111111  as it runs now
  website  aaaaaaaaaaaa  in place of bbbbbbbbbbbb
  it replaces v0.9.0 (epoch 4, bbbbbbbb)
  hash 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

waits for
  v1.0.0 waits for approval by alice or bob  2 min

ran before
  epoch 3  v0.8.0  verified 1 d ago

next
  slipway approve prod v1.0.0
  slipway reject prod v1.0.0 --reason …
  slipway signoff prod --pass`.trimStart(),
  )
})

test('an environment that nothing was asked for says so', () => {
  const { settings } = releasing().environments[1]!
  expect(page(envLines({ settings, view: null }, { now: BEGIN, columns: 200 }))).toBe(
    'alpha  kustomize, fed by the release branch, deployed automatically\n  nothing was ever asked for here',
  )
})

test('a placed script says what it does not promise', () => {
  const settings = { ...releasing().environments[1]!.settings, target: 'script' as const }
  const shown = (answers?: readonly ScriptAnswer[]) =>
    page(envLines({ settings: { ...settings, ...(answers === undefined ? {} : { answers }) }, view: null }, { now: BEGIN, columns: 200 }))
  expect(shown()).toContain(
    'not available: the digests that run; pruning; a plan beforehand; drift; the configuration of an earlier deployment',
  )
  expect(shown(['plan', 'status', 'restore'])).toMatch(/not available: the digests that run; pruning$/)
})

test("the history is the sprint's own, with what its environments say of its requests and of no other's", () => {
  const picture = releasing()
  const entry = (minute: number, event: string, text: string, by: string | null = null) => ({
    at: BEGIN + minute * MINUTE,
    event,
    text,
    by,
  })
  const sprint = sprintOf({
    ...picture.sprint.state,
    entries: [
      entry(0, 'started', 'the sprint 1.0.0 begins', 'anne'),
      entry(1, 'stabilising', 'stabilising: release-1.0.0 was cut'),
      entry(4, 'live', 'v1.0.0 is live'),
    ],
  })
  const environments = picture.environments.map(({ settings, view }) => ({
    settings,
    view: environmentOf(settings.name, {
      ...view!.state,
      entries:
        settings.name === 'prod'
          ? [
              entry(-1, 'requested', 'v1.0.0 was asked for before it began'),
              entry(2, 'requested', 'v0.9.0-hotfix1 was asked for', 'sprint 0.9.0'),
              entry(3, 'denied', 'approval of v1.0.0 was denied: mallory may not', 'mallory (unverified)'),
              entry(3, 'requested', 'v1.0.01 and v11.0.0 and v1.0.0.1 are others'),
              entry(4, 'verified', 'epoch 5: v1.0.0 runs'),
            ]
          : settings.name === 'integration'
            ? [
                entry(0.5, 'requested', 'develop.aaaaaaaa was asked for', 'develop'),
                entry(2, 'requested', 'develop.bbbbbbbb was asked for', 'develop'),
              ]
            : [entry(2, 'started', 'epoch 1: release-1.0.0.aaaaaaaa', 'sprint 1.0.0')],
    }),
  }))
  expect(page(historyLines(composeHistory({ ...picture, sprint, environments })))).toBe(
    `
website 1.0.0  times are UTC
  2026-11-23 04:00:00  sprint       the sprint 1.0.0 begins — anne
  2026-11-23 04:00:30  integration  develop.aaaaaaaa was asked for — develop
  2026-11-23 04:01:00  sprint       stabilising: release-1.0.0 was cut
  2026-11-23 04:02:00  alpha        epoch 1: release-1.0.0.aaaaaaaa — sprint 1.0.0
  2026-11-23 04:03:00  prod         approval of v1.0.0 was denied: mallory may not — mallory (unverified)
  2026-11-23 04:04:00  sprint       v1.0.0 is live`.trimStart(),
  )
})

test('the doctor names what is to be mended, below what is not well', () => {
  const finding = (part: string, ok: boolean, detail: string, fix: string | null) => ({ part, ok, detail, fix, queue: 'slipway' })
  const findings = [finding('remote', true, '3 branches', null), finding('engine', false, 'nobody answers', 'start the Docker engine')]
  expect(page(doctorLines({ project: 'website', ok: false, findings }))).toBe(
    `
✓  remote  3 branches
✗  engine  nobody answers
    mend it: start the Docker engine

one thing is to be mended`.trimStart(),
  )
  expect(page(doctorLines({ project: 'website', ok: true, findings: [findings[0]!] }))).toBe('✓  remote  3 branches\n\neverything is ready')
})

test('what was cleaned is told in sizes', () => {
  expect(
    page(
      cleanedLines([
        { what: 'worktrees', removed: 2, bytes: 123_456 },
        { what: 'builder images', removed: 1, bytes: 3 * 2 ** 30 },
      ]),
    ),
  ).toBe('worktrees       2 removed  120.6 KiB\nbuilder images  1 removed  3.0 GiB')
  expect(page(cleanedLines([{ what: 'worktrees', removed: 0, bytes: 0 }]))).toBe('nothing to remove')
})
