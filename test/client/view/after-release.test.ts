import { expect, test } from 'vitest'
import type { Phase } from '../../../domain/sprint/phase.ts'
import type { MergeBackState, MergeTarget } from '../../../domain/merge-back/state.ts'
import { madeOf } from '../../../domain/snapshot.ts'
import { composeHistory } from '../../../client/json/history.ts'
import { changeLines, factsOf } from '../../../client/watch/changes.ts'
import { envLines } from '../../../client/view/env.ts'
import { environmentLines } from '../../../client/view/environments.ts'
import { phaseLine } from '../../../client/view/phases.ts'
import { PLAIN, printed, type Line } from '../../../client/view/span.ts'
import { statusLines } from '../../../client/view/status.ts'
import { NOTHING_LIVE } from '../../../client/picture.ts'
import {
  A,
  ANNE,
  B,
  BEGIN,
  candidateOf,
  deployedOf,
  environmentOf,
  MINUTE,
  pictureOf,
  preparationOf,
  releasing,
  requestOf,
  SETTINGS,
  sprintOf,
} from '../sample.ts'

const page = (lines: readonly Line[]) => printed(lines, { columns: 300, paint: PLAIN }).join('\n')
const now = BEGIN + 5 * MINUTE

test.each<[Phase, number, string]>([
  ['live', 200, '✓ integrating ── ✓ stabilising ── ✓ releasing ── ● live 5 min ── ○ mergingBack ── ○ finished'],
  ['hotfixing', 200, '✓ integrating ── ✓ stabilising ── ✓ releasing ── ✓ live ── ● hotfixing 5 min ── ○ mergingBack ── ○ finished'],
  ['rolledBack', 200, '✓ integrating ── ✓ stabilising ── ✓ releasing ── ✓ live ── ✗ rolledBack 5 min ── ○ mergingBack ── ○ finished'],
  ['mergingBack', 200, '✓ integrating ── ✓ stabilising ── ✓ releasing ── ✓ live ── ● mergingBack 5 min ── ○ finished'],
  ['finished', 200, '✓ integrating ── ✓ stabilising ── ✓ releasing ── ✓ live ── ✓ mergingBack ── ✓ finished 5 min ago'],
  ['aborted', 200, '✗ aborted 5 min ago'],
  ['mergingBack', 80, '✓ integrating ✓ stabilising ✓ releasing ✓ live ● mergingBack 5 min ○ finished'],
  ['mergingBack', 40, '● mergingBack 5 min ○ finished'],
])('the phases of a sprint that is %s, in %d columns', (phase, columns, wanted) => {
  expect(page([phaseLine(phase, { since: BEGIN, now, columns })])).toBe(wanted)
})

const target = (branch: string, status: MergeTarget['status']): MergeTarget => ({
  branch,
  younger: false,
  status,
  since: BEGIN,
  mergedAs: null,
})
const STEPS = ['git fetch origin', 'git merge v1.0.0']
const merging = pictureOf({
  sprint: sprintOf({
    phase: 'mergingBack',
    features: [],
    release: { tag: 'v1.0.0', revision: A },
    mergeBack: {
      tag: 'v1.0.0',
      revision: A,
      by: ANNE,
      sequence: 1,
      stopped: null,
      ended: false,
      targets: [
        target('develop', { kind: 'done', how: 'squash', tip: B }),
        target('master', {
          kind: 'person',
          why: 'conflict',
          reason: 'v1.0.0 conflicts with master in index.html',
          steps: STEPS,
          branch: 'merge-back/v1.0.0-into-master',
          mergeRequest: { number: 7, url: 'https://forge.example/merge-requests/7' },
        }),
        target('release-1.1.0', { kind: 'open' }),
      ],
    },
  }),
})

test('a merge-back shows each branch, and for a person the steps and the merge request', () => {
  const shown = page(statusLines(merging, { spinner: '●', columns: 300 }))
  expect(shown).toContain(`
merge-back of v1.0.0
  ✓  develop        had it by a squash, bbbbbbbb
  ?  master         waits for a person for 5 min: v1.0.0 conflicts with master in index.html
     merge request 7: https://forge.example/merge-requests/7
     git fetch origin
     git merge v1.0.0
  ○  release-1.1.0  is next, for 5 min

waits for
`)
  expect(shown).toContain('  slipway finish 1.0.0 --target master --merged-as SHA\n')
})

test('a merge-back that was stopped says why; what is tried again says why', () => {
  const mergeBack = merging.sprint.state.mergeBack!
  const targets = [target('develop', { kind: 'stopped' }), target('master', { kind: 'retry', reason: 'the remote is away' })]
  const picture = pictureOf({ sprint: sprintOf({ mergeBack: { ...mergeBack, targets, stopped: '1.0.0 is rolledBack' } }) })
  const shown = page(statusLines(picture, { spinner: '●', columns: 300 }))
  expect(shown).toContain('  stopped: 1.0.0 is rolledBack\n  –  develop  was not pushed\n  !  master   tried again: the remote is away\n')
})

test('who watches without a terminal reads what becomes of each branch', () => {
  const lines = printed(changeLines(new Map(), factsOf(merging), now), { columns: 300, paint: PLAIN })
  expect(lines).toContain('04:05:00 merge-back into develop: had it by a squash')
  expect(lines).toContain('04:05:00 merge-back into master: waits for a person: v1.0.0 conflicts with master in index.html')
})

const left = deployedOf(candidateOf(A), 'v1.0.0', 6, BEGIN - 60 * MINUTE)
const back = deployedOf(candidateOf(B), 'v0.9.0', 7, BEGIN, {
  version: '0.9.0',
  rollback: { fromEpoch: 6, fromTag: 'v1.0.0', fromVersion: '1.0.0', by: { ...ANNE, name: 'bob' }, reason: 'it is slow' },
})
const taken = deployedOf(candidateOf(B), 'v0.9.0', 0, BEGIN - 120 * MINUTE, { version: '0.9.0', adopted: true })
const veto = { madeOf: madeOf(left.snapshot), tag: 'v1.0.0', epoch: 6, reason: 'rolled back by bob: it is slow', at: BEGIN }
const heldStage = { kind: 'held' as const, preparation: preparationOf(candidateOf(A), 'v0.8.1', 7), lacks: { tag: 'v0.9.0', commits: 3 } }
const prod = environmentOf('prod', {
  epoch: 7,
  current: back,
  past: [left, taken],
  vetoes: [veto],
  waiting: [{ request: requestOf(candidateOf(A), 'v0.8.1', BEGIN), since: BEGIN, stage: heldStage }],
  followers: [{ version: '0.8.1', claim: 'hotfix', at: BEGIN }],
})

test('an environment tells of its rollback, what it holds and what that lacks, its vetoes, its reservation and what was taken over', () => {
  expect(page(envLines({ settings: SETTINGS.environments[2]!, view: prod }, { now, columns: 300 }))).toBe(
    `
prod  kustomize, fed by release tags, deployed after approval by alice or bob
  prod  ?  v0.8.1    held for 5 min: it lacks v0.9.0, 3 commits

runs now
  v0.9.0  bbbbbbbb, epoch 7, for 5 min
    api      111111111111  eap/api
    website  bbbbbbbbbbbb  eap/website
  brought back by bob (unverified) instead of v1.0.0 (epoch 6): it is slow

is held
v0.8.1 for prod: v0.8.1 at aaaaaaaa
  api      111111111111  as it runs now
  website  aaaaaaaaaaaa  in place of bbbbbbbbbbbb
  it replaces v0.9.0 (epoch 7, bbbbbbbb)
  it lacks v0.9.0, 3 commits
  hash 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

waits for
  v0.8.1 lacks v0.9.0, 3 commits, which prod runs: merge that into its release branch and tag anew, or override it with a reason  5 min

reserved
  reserved by 0.8.1 (hotfix) until it is signed off and tagged  5 min

vetoed
  epoch 6  v1.0.0  rolled back by bob: it is slow  5 min ago

ran before
  epoch 6  v1.0.0  verified 1 h 5 min ago, vetoed
  epoch 0  v0.9.0  taken over 2 h 5 min ago

next
${prod.next.map((command) => `  ${command}`).join('\n')}`.trimStart(),
  )
})

test.each([
  ['back instead of v1.0.0, verified 5 min ago', { current: back }],
  ['taken over 2 h 5 min ago', { current: taken }],
  [
    'the way back failed 5 min ago, v1.0.0 runs: no answer',
    {
      current: left,
      parked: {
        request: { ...requestOf(candidateOf(B), 'v0.9.0', BEGIN), rollback: { epoch: 0, reason: 'x' } },
        epoch: 7,
        target: 'intact' as const,
        step: 'applying' as const,
        reason: 'no answer',
        observed: [],
        log: null,
        since: BEGIN,
      },
    },
  ],
  [
    'going back, applying for 5 min',
    {
      current: left,
      running: {
        epoch: 7,
        request: { ...requestOf(candidateOf(B), 'v0.9.0', BEGIN), rollback: { epoch: 0, reason: 'x' } },
        preparation: preparationOf(candidateOf(B), 'v0.9.0'),
        approval: null,
        since: BEGIN,
        step: 'applying' as const,
        attempt: 1,
        retry: null,
      },
    },
  ],
])('one row says: %s', (wanted, state) => {
  const picture = { settings: SETTINGS.environments[2]!, view: environmentOf('prod', state) }
  expect(page(environmentLines([picture], { live: NOTHING_LIVE, now, spinner: '●' }))).toContain(wanted)
})

test("a sprint's history has the rollback from it, its merge requests and what was taken over; not another's", () => {
  const entry = (minute: number, event: string, text: string, by: string | null = null) => ({
    at: BEGIN + minute * MINUTE,
    event,
    text,
    by,
  })
  const environment = environmentOf('prod', {
    ...prod.state,
    current: { ...back, since: BEGIN + 3 * MINUTE },
    entries: [
      entry(-1, 'adopted', 'v0.9.0 runs in prod and is epoch 0'),
      entry(-1, 'adopted', 'v1.0.0 runs in prod and is epoch 0'),
      entry(1, 'denied', 'rollback to epoch 9 was denied: prod has no epoch 9', 'bob'),
      entry(2, 'rollback', 'prod goes back to v0.9.0 (epoch 0): it is slow', 'bob'),
      entry(3, 'vetoed', 'v1.0.0 (epoch 6): rolled back by bob: it is slow'),
      entry(3, 'verified', 'epoch 7: v0.9.0 runs again, instead of v1.0.0'),
      entry(3, 'verified', 'epoch 5: v1.0.0 runs'),
      entry(4, 'rollback', 'prod goes back to v0.8.0 (epoch 1): still slow', 'bob'),
      entry(4, 'reserved', 'prod is reserved by 1.0.0 until it is signed off and tagged'),
      entry(4, 'reserved', 'prod is reserved by 1.1.0 until it is signed off and tagged'),
    ],
  })
  const mergeBack: MergeBackState = {
    project: 'website',
    version: '1.0.0',
    tag: 'v1.0.0',
    revision: A,
    by: ANNE,
    targets: [],
    stopped: null,
    entries: [entry(4, 'waits', 'it conflicts'), entry(4, 'mergeRequest', 'merge request 7 for master: https://forge.example/7')],
  }
  const picture = { ...releasing(), sprint: sprintOf({ entries: [entry(0, 'started', 'the sprint 1.0.0 begins')] }) }
  const environments = picture.environments.map((each) => (each.settings.name === 'prod' ? { ...each, view: environment } : each))
  expect(composeHistory({ ...picture, environments }, mergeBack).entries.map(({ where, text }) => `${where}: ${text}`)).toEqual([
    'prod: v1.0.0 runs in prod and is epoch 0',
    'sprint: the sprint 1.0.0 begins',
    'prod: rollback to epoch 9 was denied: prod has no epoch 9',
    'prod: prod goes back to v0.9.0 (epoch 0): it is slow',
    'prod: v1.0.0 (epoch 6): rolled back by bob: it is slow',
    'prod: epoch 7: v0.9.0 runs again, instead of v1.0.0',
    'prod: prod is reserved by 1.0.0 until it is signed off and tagged',
    'merge-back: merge request 7 for master: https://forge.example/7',
  ])
})
