import { expect, test } from 'vitest'
import { pollDelayMs, seenForMs, sight } from '../../../activities/kustomize/persistence.ts'

test('what stays keeps its time, what goes is forgotten', () => {
  const first = sight(new Map(), ['a', 'b'], 100)
  const second = sight(first, ['a'], 300)
  const third = sight(second, ['a', 'b'], 500)
  expect(seenForMs(third, 'a', 500)).toBe(400)
  expect(seenForMs(third, 'b', 500)).toBe(0)
  expect(seenForMs(third, 'c', 500)).toBe(0)
})

test.each([
  [0, 50],
  [1900, 50],
  [4000, 100],
  [60_000, 1000],
])('after %i ms the next look is in %i ms', (elapsed, delay) => expect(pollDelayMs(elapsed)).toBe(delay))
