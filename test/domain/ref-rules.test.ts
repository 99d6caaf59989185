import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isImageTag } from '../../domain/image-reference.ts'
import { imageTagOf } from '../../domain/image-tag.ts'
import { ARTICLE_BRANCHES, branchRef, classifyRef, isBuilt, releaseBranch, shortRef, tagRef } from '../../domain/ref-rules.ts'
import { formatReleaseTag } from '../../domain/release-tag.ts'
import { hostile, releaseTag, revision, version } from './arbitrary.ts'

test.each([
  ['refs/heads/develop', 'develop', true],
  ['refs/heads/master', 'master', true],
  ['refs/heads/release-1.0.0', 'release', true],
  ['refs/heads/release-next', 'releaseLike', true],
  ['refs/heads/release-1.0.0-fix', 'releaseLike', true],
  ['refs/heads/releases', 'branch', false],
  ['refs/heads/feature/develop', 'branch', false],
  ['refs/heads/Develop', 'branch', false],
  ['refs/tags/v1.0.0', 'releaseTag', true],
  ['refs/tags/v1.0.0-hotfix3', 'releaseTag', true],
  ['refs/tags/develop', 'tag', true],
  ['refs/tags/nightly', 'tag', true],
] as const)('%s is a %s', (ref, kind, built) => {
  expect(classifyRef(ref, ARTICLE_BRANCHES)?.kind).toBe(kind)
  expect(isBuilt(classifyRef(ref, ARTICLE_BRANCHES)!)).toBe(built)
})

test.each(['refs/notes/x', 'refs/pull/1/head', 'HEAD', 'refs/changes/1', ''])('%j is nothing to Slipway', (ref) =>
  expect(classifyRef(ref, ARTICLE_BRANCHES)).toBeNull(),
)

test("a team's own names are taken", () => {
  const names = { develop: 'main', master: 'stable', releasePrefix: 'rel/' }
  expect(classifyRef('refs/heads/main', names)?.kind).toBe('develop')
  expect(classifyRef('refs/heads/stable', names)?.kind).toBe('master')
  expect(classifyRef('refs/heads/rel/2.0.0', names)).toEqual({ kind: 'release', version: { major: 2, minor: 0, patch: 0 } })
  expect(classifyRef('refs/heads/develop', names)?.kind).toBe('branch')
})

test('a version finds its way to a branch and a tag and back', () => {
  fc.assert(
    fc.property(version, (value) => {
      expect(classifyRef(branchRef(releaseBranch(value, ARTICLE_BRANCHES)), ARTICLE_BRANCHES)).toEqual({ kind: 'release', version: value })
    }),
  )
  fc.assert(
    fc.property(releaseTag, (tag) => {
      const ref = tagRef(formatReleaseTag(tag))
      expect(classifyRef(ref, ARTICLE_BRANCHES)).toEqual({ kind: 'releaseTag', tag })
      expect(tagRef(shortRef(ref))).toBe(ref)
    }),
  )
})

test("the article's image tags: a git tag is the image tag, a branch gives <branch>.<shortsha>", () => {
  const sha = `1a2b3c4d${'0'.repeat(32)}`
  expect(imageTagOf('refs/heads/develop', sha)).toEqual({ ok: true, value: 'develop.1a2b3c4d' })
  expect(imageTagOf('refs/heads/release-1.0.0', sha)).toEqual({ ok: true, value: 'release-1.0.0.1a2b3c4d' })
  expect(imageTagOf('refs/heads/rel/1.0.0', sha)).toEqual({ ok: true, value: 'rel-1.0.0.1a2b3c4d' })
  expect(imageTagOf('refs/tags/v1.0.0', sha)).toEqual({ ok: true, value: 'v1.0.0' })
})

test('an image tag is always a valid one, or a problem is told', () => {
  const names = fc.oneof(
    fc.string(),
    fc.constantFrom(...hostile),
    fc.string({ minLength: 100, maxLength: 200, unit: fc.constantFrom('a', '/', '.') }),
  )
  fc.assert(
    fc.property(fc.constantFrom('refs/heads/', 'refs/tags/'), names, revision, (prefix, name, sha) => {
      const tag = imageTagOf(`${prefix}${name}`, sha)
      if (tag.ok) expect(isImageTag(tag.value)).toBe(true)
      else expect(tag.problem).toMatch(/^expected a ref whose image tag is at most 128 [\x20-\x7e…]+$/)
    }),
    { numRuns: 1000 },
  )
})
