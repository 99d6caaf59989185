import fc from 'fast-check'
import { expect, test } from 'vitest'
import { baselineOf, pageOf, type ChangedRef } from '../../../activities/git/changes.ts'
import { cursorOf, formatListing, parseListing, readableName, type Listing } from '../../../activities/git/listing.ts'
import { classifyRef, isBuilt, ARTICLE_BRANCHES } from '../../../domain/ref-rules.ts'

const sha = fc.integer({ min: 0, max: 40 }).map((n) => n.toString(16).padStart(40, '0'))
const name = fc.oneof(
  fc.constantFrom(
    'heads/develop',
    'heads/master',
    'heads/release-1.0.0',
    'heads/release-2.0.0',
    'heads/feature/x',
    'tags/v1.0.0',
    'tags/-rf',
    'heads/release-$(x)',
  ),
  fc.integer({ min: 0, max: 30 }).map((n) => `tags/v1.0.${n}`),
)
const listing = fc
  .array(
    fc.tuple(
      name.map((each) => `refs/${each}`),
      sha,
      sha,
    ),
    { maxLength: 40 },
  )
  .map(
    (refs): Listing =>
      new Map(refs.map(([ref, object, commit]) => [ref, ref.startsWith('refs/tags/') ? { object, commit } : { object, commit: object }])),
  )

test('a listing is read as it was written', () => {
  fc.assert(
    fc.property(listing, (given) => {
      const bytes = formatListing(given)
      expect(parseListing(bytes)).toEqual(given)
      expect(cursorOf(formatListing(parseListing(bytes)))).toBe(cursorOf(bytes))
    }),
  )
})

test('pages show every change of what is built once, and end at what is there', () => {
  fc.assert(
    fc.property(listing, listing, fc.integer({ min: 1, max: 7 }), (before, now, limit) => {
      const shown: ChangedRef[] = []
      let seen = before
      for (let more = true; more;) {
        const page = pageOf(seen, now, ARTICLE_BRANCHES, limit)
        expect(page.changes.length).toBeLessThanOrEqual(limit)
        if (page.more) expect(page.changes.length).toBe(limit)
        shown.push(...page.changes)
        seen = page.seen
        more = page.more
      }
      expect(cursorOf(formatListing(seen))).toBe(cursorOf(formatListing(now)))
      const all = pageOf(before, now, ARTICLE_BRANCHES, 1000)
      expect(shown).toEqual(all.changes)
      const refs = shown.map(({ ref }) => ref)
      expect(new Set(refs).size).toBe(refs.length)
      expect(refs.findLastIndex((ref) => ref.startsWith('refs/heads/'))).toBeLessThan(
        refs.findIndex((ref) => ref.startsWith('refs/tags/')) >>> 0,
      )
      for (const { ref, before: was, now: is } of shown) {
        expect(isBuilt(classifyRef(ref, ARTICLE_BRANCHES)!)).toBe(true)
        expect(ref).toMatch(/^refs\/(heads|tags)\/[\w.][\w./-]*$/)
        expect(was?.commit).not.toBe(is?.commit)
      }
    }),
  )
})

test('a first look shows branches and no tags', () => {
  fc.assert(
    fc.property(listing, (now) => {
      const { changes } = pageOf(baselineOf(now, ARTICLE_BRANCHES, []), now, ARTICLE_BRANCHES, 1000)
      expect(changes.every(({ ref, before }) => ref.startsWith('refs/heads/') && before === null)).toBe(true)
      expect(changes.some(({ ref }) => ref === 'refs/heads/develop')).toBe(now.has('refs/heads/develop'))
    }),
  )
})

test('a first look shows the release tags of open sprints, and no others', () => {
  const at = (name: string) => ({ object: name.repeat(40), commit: name.repeat(40) })
  const now = new Map([
    ['refs/heads/develop', at('a')],
    ['refs/tags/v1.0.0', at('b')],
    ['refs/tags/v1.0.0-hotfix1', at('c')],
    ['refs/tags/v1.0.10', at('d')],
  ])
  const { changes } = pageOf(baselineOf(now, ARTICLE_BRANCHES, ['1.0.0']), now, ARTICLE_BRANCHES, 1000)
  expect(changes.map(({ ref }) => ref)).toEqual(['refs/heads/develop', 'refs/tags/v1.0.0', 'refs/tags/v1.0.0-hotfix1'])
})

test('what is no branch and no tag, and no listing at all, is left out', () => {
  const a = 'a'.repeat(40)
  const output = Buffer.concat([
    Buffer.from(`${a}\tHEAD\n${a}\trefs/pull/1/head\nwarning: x\n${a}\trefs/heads/caf`),
    Buffer.from([0xc3, 0xa9, 0xff]),
    Buffer.from('\n'),
  ])
  const [ref] = parseListing(output).keys()
  expect(parseListing(output).size).toBe(1)
  expect(readableName(ref!)).toBe('refs/heads/café\ufffd')
  expect(formatListing(parseListing(output)).includes(Buffer.from([0xc3, 0xa9, 0xff]))).toBe(true)
})
