import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unifiedDiff } from '../../../activities/plan/unified-diff.ts'

test('hunks with three lines of context, as diff -u prints them', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm'].join('\n')
  expect(unifiedDiff(before, before.replace('b', 'B').replace('m', 'm\nn'))).toBe(
    ['@@ -1,5 +1,5 @@', ' a', '-b', '+B', ' c', ' d', ' e', '@@ -11,3 +11,4 @@', ' k', ' l', ' m', '+n'].join('\n'),
  )
  expect(unifiedDiff('', 'a\nb\n')).toBe('@@ -0,0 +1,2 @@\n+a\n+b')
  expect(unifiedDiff('a\nb\n', '')).toBe('@@ -1,2 +0,0 @@\n-a\n-b')
  expect(unifiedDiff('a\n', 'a\n')).toBeNull()
})

test('what it takes away and adds makes one text of the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff(before.join('\n'), after.join('\n'))
      expect(patched(before, diff)).toEqual(after)
    }),
  )
})

test('thousands of changed lines are one block, at once', () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}`).join('\n')
  const start = performance.now()
  const diff = unifiedDiff(lines('old'), lines('new'))
  expect(diff?.split('\n')).toHaveLength(40_001)
  expect(performance.now() - start).toBeLessThan(5000)
})

/** Applies a diff as patch does, by line numbers and context. */
function patched(before: readonly string[], diff: string | null): readonly string[] {
  const result: string[] = []
  let at = 0
  for (const line of diff?.split('\n') ?? []) {
    const [, from, length] = /^@@ -(\d+),(\d+) /.exec(line) ?? []
    if (from !== undefined) {
      const start = length === '0' ? Number(from) : Number(from) - 1
      while (at < start) result.push(before[at++]!)
    } else if (line.startsWith('+')) result.push(line.slice(1))
    else {
      expect(before[at]).toBe(line.slice(1))
      if (line.startsWith(' ')) result.push(before[at]!)
      at++
    }
  }
  return [...result, ...before.slice(at)]
}
