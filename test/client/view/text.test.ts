import { expect, test } from 'vitest'
import { duration, moment } from '../../../client/view/duration.ts'
import { fitted, folded, widthOf } from '../../../client/view/width.ts'
import { PLAIN, printed, span, table } from '../../../client/view/span.ts'

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [65_000, '1 min 5 s'],
  [600_000, '10 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [11_100_000, '3 h 5 min'],
  [187_200_000, '2 d 4 h'],
])('%d ms is %s', (ms, wanted) => {
  expect(duration(ms)).toBe(wanted)
})

test('a moment is UTC, to the second', () => {
  expect(moment(Date.parse('2026-11-23T14:03:22.987Z'))).toBe('2026-11-23 14:03:22')
})

test.each([
  ['abc', 3],
  ['集成', 4],
  ['e\u0301', 1],
  ['🚢', 2],
])('%s takes %d columns', (text, width) => {
  expect(widthOf(text)).toBe(width)
})

test.each([
  ['integration', 20, 'integration'],
  ['integration', 6, 'integ…'],
  ['集成测试', 5, '集成…'],
  ['x', 0, ''],
])('%s in %d columns is %s', (text, columns, wanted) => {
  expect(fitted(text, columns)).toBe(wanted)
})

test('sentences fold at spaces, and a long word stands alone', () => {
  expect(folded('it waits for somethingverylong now', 12)).toEqual(['it waits for', 'somethingverylong', 'now'])
})

test('a table pads by what is seen, and nothing trails', () => {
  const lines = table([
    [span('集成'), span('ok')],
    [span('a\u0007'), span('')],
    [span('alpha'), span('fine', 'green')],
  ])
  expect(printed(lines, { columns: 80, paint: PLAIN })).toEqual(['  集成    ok', '  a\\u{7}', '  alpha   fine'])
})

test('a line is cut at the width, styles stay closed', () => {
  const paint = (style: string, text: string) => `<${style}>${text}</${style}>`
  expect(printed([[span('ab'), span('cdef', 'red'), span('g')]], { columns: 4, paint })).toEqual(['ab<red>c…</red>'])
})
