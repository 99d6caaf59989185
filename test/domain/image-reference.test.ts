import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDigest, shortDigest } from '../../domain/digest.ts'
import { formatImageReference, parseImageReference } from '../../domain/image-reference.ts'
import { digest, imageReference } from './arbitrary.ts'

test('an image reference survives being written and read', () => {
  fc.assert(
    fc.property(imageReference, (value) => {
      expect(parseImageReference(formatImageReference(value))).toEqual({ ok: true, value })
    }),
  )
})

test('what is read is written as it was', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseImageReference(text)
      if (parsed.ok) expect(formatImageReference(parsed.value)).toBe(text)
    }),
  )
})

test.each([
  'website',
  'eap/website',
  'localhost:5000/',
  'localhost:5000/Website',
  'localhost:5000/a//b',
  'localhost:5000/a:',
  'localhost:5000/a:-rf',
  'localhost:5000/a:$(touch x)',
  'localhost:5000/a@sha256:abc',
  'localhost:5000/a@sha256:' + 'g'.repeat(64),
  'localhost:5000/../a',
  'http://localhost:5000/a',
  'localhost:5000/a b',
])('%j is no image reference', (text) => expect(parseImageReference(text).ok).toBe(false))

test('a digest is sha256 and 64 lower-case digits, and is shown by its first twelve', () => {
  fc.assert(
    fc.property(digest, (value) => {
      expect(parseDigest(value)).toEqual({ ok: true, value })
      expect(parseDigest(value.toUpperCase()).ok).toBe(false)
      expect(parseDigest(`${value}0`).ok).toBe(false)
      expect(shortDigest(value)).toBe(value.slice(7, 19))
    }),
  )
})
