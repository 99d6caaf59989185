import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitted, type Section } from '../../../client/view/fit.ts'
import { printed, span, PLAIN } from '../../../client/view/span.ts'

const section = (title: string, rank: number, lines: number): Section => ({
  title,
  rank,
  lines: Array.from({ length: lines }, (_, n) => [span(`  ${title} ${n}`)]),
})
const page = (sections: readonly Section[], rows: number) =>
  printed(fitted([[span('head')]], sections, rows), { columns: 80, paint: PLAIN })

test('what matters least is shortened, then left out', () => {
  const sections = [section('images', 1, 3), section('waits', 9, 2), section('next', 5, 1)]
  const whole = [
    'head',
    '',
    'images',
    '  images 0',
    '  images 1',
    '  images 2',
    '',
    'waits',
    '  waits 0',
    '  waits 1',
    '',
    'next',
    '  next 0',
  ]
  expect(page(sections, Infinity)).toEqual(whole)
  expect(page(sections, 13)).toEqual(whole)
  expect(page(sections, 12)).toEqual(['head', '', 'images', '  images 0', '  … 2 more: slipway status', ...whole.slice(6)])
  expect(page(sections, 10)).toEqual(['head', ...whole.slice(6)])
  expect(page(sections, 7)).toEqual(['head', '', 'waits', '  waits 0', '  waits 1'])
})

test('no page is longer than the screen, and one that fits is whole', () => {
  const any = fc.array(
    fc.tuple(fc.nat(6), fc.nat(12)).map(([rank, lines]) => section(`s${rank}`, rank, lines)),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(any, fc.nat(40), (sections, rows) => {
      const whole = page(sections, Infinity)
      expect(page(sections, rows).length).toBeLessThanOrEqual(rows)
      if (whole.length <= rows) expect(page(sections, rows)).toEqual(whole)
    }),
  )
})
