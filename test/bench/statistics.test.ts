import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median, summarise } from '../../bench/statistics.ts'

test('one sample is everything at once', () => {
  expect(summarise([7])).toEqual({ count: 1, min: 7, q1: 7, median: 7, q3: 7, max: 7 })
})

test('quartiles lie between the nearest samples, as R and numpy have it', () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ count: 4, min: 1, q1: 1.75, median: 2.5, q3: 3.25, max: 4 })
  expect(summarise([10, 20, 30, 40, 50, 60, 70])).toEqual({ count: 7, min: 10, q1: 25, median: 40, q3: 55, max: 70 })
})

test('nothing measured is refused', () => {
  expect(() => median([])).toThrow('at least one sample')
})

test('the five numbers are in order, and within what was measured', () => {
  const sample = fc.double({ min: 0, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 50 }), (samples) => {
      const { min, q1, median: middle, q3, max } = summarise(samples)
      const order = [min, q1, middle, q3, max]
      for (let index = 1; index < order.length; index++) expect(order[index]).toBeGreaterThanOrEqual((order[index - 1] ?? 0) - 1e-6)
      expect([min, max]).toEqual([Math.min(...samples), Math.max(...samples)])
    }),
  )
})
