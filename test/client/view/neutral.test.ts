import { expect, test } from 'vitest'
import { neutral, neutralLines } from '../../../client/view/neutral.ts'

test.each([
  ['develop', 'develop'],
  ['合并 特性', '合并 特性'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007after', 'after'],
  ['\u001b]8;;http://evil\u0007link\u001b]8;;\u0007', 'link'],
  ['a\nb\rc\td', 'a\\nb\\rc\\td'],
  ['bell\u0007 null\0', 'bell\\u{7} null\\u{0}'],
  ['zero\u200bwidth', 'zero\\u{200b}width'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ['c1 \u009b31m', 'c1 '],
  ['half \ud800', 'half \\u{d800}'],
])('%j is shown as %j', (given, wanted) => {
  expect(neutral(given)).toBe(wanted)
})

test('lines keep their ends, and a carriage return begins a new one', () => {
  expect(neutralLines('one\r\ntwo 10%\rtwo 20%\n\tthree\u001b[2J')).toBe('one\ntwo 10%\ntwo 20%\n\tthree')
})
