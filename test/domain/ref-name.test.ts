import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRefName } from '../../domain/ref-name.ts'
import { quoted } from '../../domain/parsed.ts'
import { hostile } from './arbitrary.ts'

test.each(['develop', 'master', 'release-1.0.0', 'feature/greeting', 'a', '_x', 'v1.0.0-hotfix1', 'team/a/b.c_d-e'])(
  '%j is served',
  (text) => expect(parseRefName(text)).toEqual({ ok: true, value: text }),
)

test.each(hostile)('%j is refused by name', (text) => {
  const parsed = parseRefName(text)
  expect(parsed.ok).toBe(false)
  // The problem is shown on terminals and in the Temporal UI: nothing invisible may be in it.
  expect(parsed.ok ? '' : parsed.problem).toMatch(/^[\x20-\x7e…]+$/)
})

test('whatever is served is safe in a path, an argument and a shell', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'abcZ09._-/@~^:\\ $`;|&\n\u200b'.split('')) })), (text) => {
      if (!parseRefName(text).ok) return
      expect(text).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/)
      expect(text).not.toMatch(/\.\.|\/\/|\.lock(\/|$)|(^|\/)[.-]|\/$/)
    }),
    { numRuns: 2000 },
  )
})

test('what is quoted is printable and short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
      expect(quoted(text)).toMatch(/^"[\x20-\x7e…]*"$/)
    }),
  )
  expect(quoted('\u200b\n')).toBe('"\\u200b\\n"')
})
