import { expect, test } from 'vitest'
import { measured } from '../../bench/measure/measured.ts'
import { aimsOf } from '../../bench/report/aims.ts'
import { markdownTable } from '../../bench/report/markdown.ts'
import { tablesOf } from '../../bench/report/tables.ts'
import { withTables } from '../../bench/report/write-tables.ts'
import type { DeliveryResult, Results } from '../../bench/results.ts'

const delivered = (way: DeliveryResult['way'], services: number, ms: number): DeliveryResult => ({
  way,
  target: 'compose',
  services,
  served: measured([ms, ms + 10, ms - 10]),
  moments: { pushed: 50, hinted: 100, served: ms },
})

const results: Results = {
  machine: { processor: 'A|B', cores: 2, memoryGiB: 24, kernel: '6.1', versions: { Node: '24.0.0' } },
  begun: '2026-11-23T05:00:00.000Z',
  seconds: 600,
  load: { before: 0.1, after: 1.5 },
  rounds: 3,
  steps: { activities: 50, perStep: measured([15]) },
  delivery: [delivered('by hand', 1, 2500), delivered('Slipway', 1, 2801), delivered('by hand', 3, 4000), delivered('Slipway', 3, 3500)],
  tag: null,
  status: { warm: measured([449]), first: measured([600]), bareNode: measured([40]) },
  memory: {
    readyMs: 400,
    idle: { rssMiB: 239, pssMiB: 200 },
    projects: 200,
    sprints: { rssMiB: 400, pssMiB: 380 },
    filledSeconds: 60,
  },
  afterwards: { rssMiB: 260, pssMiB: 250 },
}

test('every aim is judged by the median', () => {
  expect(aimsOf(results).map(({ what, measured, met }) => [what, measured, met])).toEqual([
    ['push → served, one service, compose', '301 ms over', false],
    ['push → served, 3 services, compose', '500 ms under', true],
    ['cold `slipway status`, a new process', '449 ms', true],
    ['cold `slipway status`, the very first on a machine', '600 ms', false],
    ['idle worker', '251 MB', false],
    ['a Temporal step', '15.0 ms', true],
  ])
})

test('what was not measured is not spoken of', () => {
  const text = tablesOf({ ...results, delivery: null, memory: null, status: null })
  expect(text).toContain('a Temporal step')
  expect(text).not.toMatch(/status|MB \(|undefined|null|NaN/)
})

test('the tables say where the time went', () => {
  const text = tablesOf(results)
  expect(text).toMatch(/\| push, hook, hint +\| +git \| +100 \| +100 \|/)
  expect(text).toMatch(/\| hint → look +\| Temporal \| +– \| +– \|/)
  expect(text).not.toMatch(/undefined|null|NaN/)
})

test('a table is one whatever stands in it', () => {
  expect(markdownTable(['a', 'b'], [['x|y', '1']])).toBe('| a    |   b |\n| ---- | --: |\n| x\\|y |   1 |')
})

test('only what stands between the marks is replaced', () => {
  const [begin, end] = ['<!-- measured: life: begin -->', '<!-- measured: life: end -->']
  const page = `# Page\n\n${begin}\n\nold\n\n${end}\n\nThe rest.\n`
  const once = withTables(page, 'life', 'new $1')
  expect(once).toBe(`# Page\n\n${begin}\n\nnew $1\n\n${end}\n\nThe rest.\n`)
  expect(withTables(once, 'life', 'new $1')).toBe(once)
  expect(() => withTables(page, 'delivery', 'new')).toThrow('expected "<!-- measured: delivery: begin -->"')
})
