import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { CHANGED, overlayFiles, TOTAL } from '../../bench/environment/objects.ts'
import type { EnvironmentResults } from '../../bench/environment/results.ts'
import { measured } from '../../bench/measure/measured.ts'
import { environmentTablesOf } from '../../bench/report/environment-tables.ts'

test('the overlay has as many objects as it says, and as many of them differ', () => {
  const documents = (version: 'before' | 'after') => {
    const parsed = parseAllDocuments(overlayFiles('bench', version)['all.yaml'] ?? '')
    return Array.isArray(parsed) ? parsed.map((each) => JSON.stringify(each.toJS())) : []
  }
  const [before, after] = [documents('before'), documents('after')]
  expect(before).toHaveLength(TOTAL)
  expect(TOTAL).toBe(200)
  expect(new Set(before).size).toBe(TOTAL)
  expect(before.filter((each) => !after.includes(each))).toHaveLength(CHANGED)
})

const results: EnvironmentResults = {
  machine: { processor: 'A', cores: 2, memoryGiB: 24, kernel: '6.1', versions: { Node: '24.0.0' } },
  begun: '2026-11-25T20:00:00.000Z',
  seconds: 60,
  load: { before: 1, after: 2 },
  rounds: 3,
  plan: {
    objects: 200,
    changed: 20,
    rows: [
      { what: 'Slipway', took: measured([900, 1000, 1100]) },
      { what: '`kubectl diff -k`', took: measured([9000]) },
    ],
  },
  crash: [{ target: 'compose', back: measured([3000, 4000, 5000]), silent: measured([900, 1000, 1100]) }],
  storm: {
    pushes: 100,
    withinSeconds: 10,
    storm: { pushedMs: 10_050, settledMs: 4000, builds: 5, deployments: 4, activities: 60, entities: { events: 900, bytes: 123_400 } },
    single: { pushedMs: 80, settledMs: 2000, builds: 1, deployments: 1, activities: 8, entities: { events: 40, bytes: 9000 } },
  },
  approval: { answered: measured([900, 1000]), begun: measured([1500, 1600]) },
}

test('a table of what was measured, and none of what was not', () => {
  const tables = environmentTablesOf(results)
  expect(tables).toContain('### What would change? (ms; 200 objects, 20 of which differ)')
  expect(tables).toMatch(/\| Slipway +\| +900 \| +950 \| +1000 \| +1050 \| +1100 \|/)
  expect(tables).toMatch(/\| compose: until the version before is verified again +\| +3000 \| +3500 \| +4000 /)
  expect(tables).toMatch(/\| until the deployment has begun +\| +1500 /)
  expect(tables).toMatch(/\| builds +\| +5 \| +1 \|/)
  expect(environmentTablesOf({ ...results, plan: null, crash: null, storm: null, approval: null })).not.toContain('|')
})
