import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { suggestionIn } from '../../bench/history/count-events.ts'
import { minus, plus, timesIn } from '../../bench/history/size.ts'
import { sweepsIn, type Counted } from '../../bench/history/sweeps.ts'
import { kindOf } from '../../bench/life/growth.ts'
import { longHistory } from '../../bench/life/long-repository.ts'
import type { LifeResults } from '../../bench/life/results.ts'
import { measured } from '../../bench/measure/measured.ts'
import { lifeTablesOf } from '../../bench/report/life-tables.ts'
import * as ids from '../../workflows/ids.ts'

test('sizes are added, subtracted, and fit as often as the scarcer of events and bytes allows', () => {
  const [one, two] = [
    { events: 10, bytes: 1000 },
    { events: 3, bytes: 600 },
  ]
  expect(plus(one, two)).toEqual({ events: 13, bytes: 1600 })
  expect(minus(one, two)).toEqual({ events: 7, bytes: 400 })
  expect(timesIn({ events: 100, bytes: 1e9 }, one)).toBe(10)
  expect(timesIn({ events: 1e9, bytes: 100_500 }, one)).toBe(100)
})

test('a sweep is what lies between two timers where nobody said anything', () => {
  const look = (first: number, bytes: number, heard: Counted['kind'] = 'other'): Counted[] => [
    { id: first, kind: 'timerFired' },
    { id: first + 1, kind: 'task', bytes },
    { id: first + 2, kind: heard },
    { id: first + 3, kind: 'timerStarted' },
  ]
  expect(sweepsIn([...look(1, 100), ...look(5, 300), ...look(9, 700, 'signal'), ...look(13, 1500)])).toEqual([
    { events: 4, bytes: 200 },
    { events: 4, bytes: 400 },
  ])
  expect(sweepsIn(look(1, 100))).toEqual([])
  expect(sweepsIn([])).toEqual([])
})

test("the server's first suggestion counts, and there may be none", () => {
  const task = (eventId: number, suggestContinueAsNew: boolean, historySizeBytes: number) => ({
    eventId,
    workflowTaskStartedEventAttributes: { suggestContinueAsNew, historySizeBytes },
  })
  const history = (...events: object[]) => ({ events }) as Parameters<typeof suggestionIn>[0]
  expect(suggestionIn(history(task(3, false, 9), task(4097, true, 800_000), task(4103, true, 801_000)))).toEqual({
    events: 4097,
    bytes: 800_000,
  })
  expect(suggestionIn(history({ eventId: 1 }, task(3, false, 9)))).toBeNull()
})

test('every workflow of a project is of one kind', () => {
  expect(
    [
      ids.repositoryId('shop'),
      ids.buildId('shop', 'a'.repeat(40)),
      ids.environmentId('shop', 'prod'),
      ids.deploymentId('shop', 'prod', 3),
      ids.sprintId('shop', '1.0.0'),
      ids.mergeBackId('shop', 'v1.0.0'),
    ].map(kindOf),
  ).toEqual(['repository', 'build', 'environment', 'deployment', 'sprint', 'merge-back'])
  expect(() => kindOf('slipway/doctor')).toThrow('found "slipway/doctor"')
})

test('a long history is one that git takes: so many commits, a release that merges cleanly, a master that is behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-bench-'))
  try {
    const git = (args: readonly string[], input = '') => execFileSync('git', ['-C', folder, ...args], { input, encoding: 'utf8' }).trim()
    git(['init', '--quiet', '--bare'])
    git(['fast-import', '--quiet'], longHistory({ commits: 60, releaseCommits: 10, files: 20 }))
    const count = (...range: string[]) => Number(git(['rev-list', '--count', ...range]))
    expect(count('--all')).toBe(60)
    expect(count('release-1.0.0', '^develop')).toBe(10)
    expect(count('develop', '^release-1.0.0')).toBe(10)
    expect(count('master', '^develop')).toBe(0)
    expect(git(['merge-tree', '--write-tree', 'develop', 'release-1.0.0'])).toMatch(/^[0-9a-f]{40}$/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const results: LifeResults = {
  machine: { processor: 'A', cores: 2, memoryGiB: 24, kernel: '6.1', versions: { Node: '24.0.0' } },
  begun: '2026-11-25T20:00:00.000Z',
  seconds: 400,
  load: { before: 1, after: 2 },
  rounds: 3,
  rollback: [
    { way: 'script', target: 'kustomize', served: measured([2500]), done: measured([900]), moments: {} },
    {
      way: 'rollback',
      target: 'compose',
      served: measured([2000]),
      done: measured([2300]),
      moments: { started: 500, 'apply started': 600, served: 2000, 'verify ended': 2300, answered: 550 },
    },
  ],
  finish: measured([900, 1000]),
  merge: { commits: 10_000, releaseCommits: 100, files: 2000, rows: [{ what: 'into develop', took: measured([90]) }] },
  history: {
    pushes: [
      {
        branch: 'develop',
        pushes: 3,
        costs: [
          { kind: 'repository', events: 40, bytes: 20_000 },
          { kind: 'build', events: 20, bytes: 9000 },
        ],
      },
      { branch: 'release-1.0.0', pushes: 3, costs: [{ kind: 'sprint', events: 10, bytes: 100_000 }] },
    ],
    sprint: [
      { kind: 'repository', workflows: 1, events: 400, bytes: 200_000 },
      { kind: 'merge-back', workflows: 0, events: 0, bytes: 0 },
    ],
    sweep: { events: 10, bytes: 2000 },
    suggested: { events: 4100, bytes: 900_000 },
  },
}

test('the tables say what was measured, and how far a history goes', () => {
  const text = lifeTablesOf(results)
  expect(text).toMatch(/\| apply begun → served +\| +1400 \|/)
  expect(text).toMatch(/\| all of them +\| +60 \| +29.0 \| +10 \| +100.0 \|/)
  expect(text).toMatch(/\| repository, pushes to develop +\| +40 \| +20.0 \| +102 pushes \|/)
  expect(text).toMatch(/\| sprint, pushes to release-1.0.0 +\| +10 \| +100.0 \| +41 pushes \|/)
  expect(text).toMatch(/\| repository, looks that find nothing +\| +10 \| +2.0 \| +410 looks, 6.8 h \|/)
  expect(text).toContain('950 ms in the middle of 2 (900 to 1000 ms)')
  expect(text).not.toMatch(/merge-back +\||undefined|null|NaN/)
})

test('what was not measured is not spoken of', () => {
  expect(lifeTablesOf({ ...results, rollback: null, finish: null, merge: null, history: null })).toMatch(/^Measured on [^\n]+$/)
})
