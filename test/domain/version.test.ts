import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareVersions, formatVersion, nextVersion, parseVersion } from '../../domain/version.ts'
import { version } from './arbitrary.ts'

test('a version survives being written and read', () => {
  fc.assert(
    fc.property(version, (value) => {
      expect(parseVersion(formatVersion(value))).toEqual({ ok: true, value })
    }),
  )
})

test.each([
  '',
  '1',
  '1.0',
  '1.0.0.0',
  'v1.0.0',
  '01.0.0',
  '1.0.0;rm',
  '../x',
  ' 1.0.0',
  '1.0.0\n',
  '1.0.-1',
  '1.0.1e3',
  '1.0.٣',
  '9999999.0.0',
])('%j is no version, and it says what one looks like', (text) => {
  expect(parseVersion(text)).toEqual({
    ok: false,
    problem: expect.stringMatching(/^expected a version of three numbers such as 1\.0\.0, found "/),
  })
})

test('versions are totally ordered, and the next one comes after', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) || 0)
      expect(compareVersions(a, b) === 0).toBe(formatVersion(a) === formatVersion(b))
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
      expect(compareVersions(a, nextVersion(a))).toBeLessThan(0)
    }),
  )
})
