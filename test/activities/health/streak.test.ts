import { expect, test } from 'vitest'
import { extend, isEnough, NONE } from '../../../activities/health/streak.ts'

/** After which of the answers, each at its time, it is enough; null when it never is. */
function enoughAfter(
  answers: readonly (readonly [nowMs: number, isGood: boolean])[],
  wanted: { successes: number; windowSeconds?: number },
) {
  let streak = NONE
  for (const [nowMs, isGood] of answers) {
    streak = extend(streak, isGood, nowMs)
    if (isGood && isEnough(streak, wanted, nowMs)) return nowMs
  }
  return null
}

const good = (nowMs: number) => [nowMs, true] as const
const bad = (nowMs: number) => [nowMs, false] as const

test('as many as are wanted, in a row', () => {
  expect(enoughAfter([good(1)], { successes: 1 })).toBe(1)
  expect(enoughAfter([good(1), bad(2), good(3), good(4)], { successes: 2 })).toBe(4)
})

test('over the window too, from the first good one after the last bad one', () => {
  const wanted = { successes: 2, windowSeconds: 1 }
  expect(enoughAfter([good(100), good(600), good(1099), good(1100)], wanted)).toBe(1100)
  expect(enoughAfter([good(100), bad(600), good(900), good(1200), good(1900)], wanted)).toBe(1900)
  expect(enoughAfter([good(0), good(999)], wanted)).toBe(null)
})

test('one answer spans nothing', () => {
  expect(enoughAfter([good(5000)], { successes: 1, windowSeconds: 1 })).toBe(null)
  expect(enoughAfter([good(5000), good(6000)], { successes: 1, windowSeconds: 1 })).toBe(6000)
})
