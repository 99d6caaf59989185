import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareReleaseTags, formatReleaseTag, parseReleaseTag, unwrapReleaseTag } from '../../domain/release-tag.ts'
import { releaseTag } from './arbitrary.ts'

test('a release tag survives being written and read', () => {
  fc.assert(
    fc.property(releaseTag, (value) => {
      expect(parseReleaseTag(formatReleaseTag(value))).toEqual({ ok: true, value })
    }),
  )
})

test.each([
  '1.0.0',
  'v1.0',
  'v1.0.0-hotfix',
  'v1.0.0-hotfix0',
  'v1.0.0-hotfix01',
  'v1.0.0-rc1',
  'v01.0.0',
  'V1.0.0',
  'v1.0.0 ',
  'v1.0.0\n',
  'v1.0.0-hotfix1;reboot',
])('%j is no release tag', (text) => {
  expect(parseReleaseTag(text)).toMatchObject({
    ok: false,
    problem: expect.stringContaining('a release tag such as v1.0.0 or v1.0.0-hotfix1'),
  })
})

test("the order is Slipway's own: hotfixes count, and come before the next version", () => {
  const ordered = [
    'v0.9.9',
    'v1.0.0',
    'v1.0.0-hotfix1',
    'v1.0.0-hotfix2',
    'v1.0.0-hotfix10',
    'v1.0.1',
    'v1.1.0',
    'v1.1.0-hotfix1',
    'v1.10.0',
    'v2.0.0',
  ]
  const shuffled = [...ordered].toReversed().toSorted()
  expect(shuffled.map(unwrapReleaseTag).toSorted(compareReleaseTags).map(formatReleaseTag)).toEqual(ordered)
})

test('release tags are totally ordered', () => {
  fc.assert(
    fc.property(releaseTag, releaseTag, releaseTag, (a, b, c) => {
      expect(Math.sign(compareReleaseTags(a, b))).toBe(-Math.sign(compareReleaseTags(b, a)) || 0)
      expect(compareReleaseTags(a, b) === 0).toBe(formatReleaseTag(a) === formatReleaseTag(b))
      if (compareReleaseTags(a, b) <= 0 && compareReleaseTags(b, c) <= 0) expect(compareReleaseTags(a, c)).toBeLessThanOrEqual(0)
    }),
  )
})
