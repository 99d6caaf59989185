import { expect, test } from 'vitest'
import { createBuildLog, shownLine } from '../../../activities/image/build-log.ts'

test('lines come whole, whatever the pieces', () => {
  const lines: string[] = []
  const log = createBuildLog((line) => lines.push(line))
  for (const piece of ['on', 'e\ntw', 'o\r\n\n', 'three']) log.write(piece)
  expect(lines).toEqual(['one', 'two'])
  expect(log.lastLines()).toEqual(['one', 'two', 'three'])
  expect(log.newest()).toBe('three')
  expect(log.bytes().toString()).toBe('one\ntwo\r\n\nthree')
})

test('of an endless output the beginning and the end are kept', () => {
  const log = createBuildLog()
  log.write('the first line\n')
  const piece = `${'x'.repeat(1023)}\n`
  for (let count = 0; count < 40_000; count++) log.write(piece)
  log.write('the last line\n')
  const text = log.bytes().toString()
  expect(text.length).toBeLessThan(16 * 1024 * 1024)
  expect(text).toMatch(/^the first line\n/)
  expect(text).toMatch(/… \d+ bytes left out …/)
  expect(text).toMatch(/the last line\n$/)
  expect(log.lastLines()).toHaveLength(20)
})

test.each([
  ['\u001B[31mred\u001B[0m', 'red'],
  ['a\tb', 'a b'],
  ['a\u200Bb\u0007', 'ab'],
  ['x'.repeat(400), `${'x'.repeat(300)}…`],
])('%j is shown as %j', (line, shown) => {
  expect(shownLine(line)).toBe(shown)
})
