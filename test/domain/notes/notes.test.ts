import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCommit, type RawCommit } from '../../../domain/notes/commit.ts'
import { groupNotes, markdownNotes, plainNotes } from '../../../domain/notes/notes.ts'

const commit = (subject: string, more: Partial<RawCommit> = {}): RawCommit => ({
  revision: 'a'.repeat(40),
  parents: 1,
  subject,
  body: '',
  ...more,
})
const notes = (...commits: RawCommit[]) => groupNotes(commits.map(readCommit))

test.each([
  ['feat: a cart', { type: 'feat', scope: null, text: 'a cart', breaking: null }],
  ['Fix(api)!: no more v1', { type: 'fix', scope: 'api', text: 'no more v1', breaking: 'no more v1' }],
  ['fix a typo', { type: null, text: 'fix a typo' }],
  ['feat:no space', { type: null, text: 'feat:no space' }],
  ['feat(): nothing', { type: null }],
])('%s', (subject, said) => {
  expect(readCommit(commit(subject))).toMatchObject(said)
})

test('a footer says what breaks, up to the next one', () => {
  const body = 'Why it is so.\n\nBREAKING CHANGE: the port is\nanother one\nReviewed-by: bob'
  expect(readCommit(commit('feat: x', { body })).breaking).toBe('the port is another one')
  expect(readCommit(commit('feat: x', { body: 'BREAKING-CHANGE: gone' })).breaking).toBe('gone')
})

test('requests are found as each forge writes them', () => {
  expect(readCommit(commit('feat: x (#12) (!3)')).requests).toEqual([12, 3])
  expect(readCommit(commit('Merge pull request #7 from a/b', { parents: 2 })).requests).toEqual([7])
  const body = 'A cart\n\nSee merge request group/sub/project!45'
  expect(readCommit(commit("Merge branch 'cart' into 'develop'", { parents: 2, body })).requests).toEqual([45])
})

test('what breaks comes first, then types in their order, then what keeps none; merges only where they say more', () => {
  const text = plainNotes(
    notes(
      commit('chore: tidy'),
      commit('whatever'),
      commit('fix: a hole (#2)'),
      commit('feat(cart): sums', { body: 'BREAKING CHANGE: another port' }),
      commit('Merge pull request #2 from x/y', { parents: 2 }),
      commit('Merge pull request #9 from x/z', { parents: 2 }),
      commit("Merge branch 'develop'", { parents: 2 }),
    ),
    10_000,
  )
  expect(text.split('\n')).toEqual([
    'Breaking changes',
    '',
    '- cart: sums; another port (aaaaaaaa)',
    '',
    'Fixes',
    '',
    '- a hole (#2) (aaaaaaaa, !2)',
    '',
    'Chores',
    '',
    '- tidy (aaaaaaaa)',
    '',
    'Other changes',
    '',
    '- whatever (aaaaaaaa)',
    '',
    'Merge requests',
    '',
    '- Merge pull request #9 from x/z (aaaaaaaa, !9)',
  ])
})

test('hostile words are words: no markup, nobody called, no control, bounded', () => {
  const subject = 'feat: <img src=x onerror=alert(1)> [x](javascript:y) @all \u001b[2J\u202eevil `a` ' + 'x'.repeat(5000)
  const text = markdownNotes(notes(commit(subject)), (number) => `!${number}`, 10_000)
  expect(text).toContain('\\<img src=x onerror=alert\\(1\\)\\> \\[x\\]\\(javascript:y\\) ＠all')
  expect(text).not.toMatch(/[^\P{C}\n]/u)
  expect(text.length).toBeLessThan(400)
})

test('of many only whole lines are kept, and the rest is counted', () => {
  const many = notes(...Array.from({ length: 100 }, (_, at) => commit(`feat: number ${at}`)))
  const text = plainNotes(many, 500)
  expect(text.length).toBeLessThan(530)
  const kept = text.split('\n').filter((line) => line.startsWith('- ')).length
  expect(text).toContain(`… and ${100 - kept} more`)
})

test('any words are read quickly, and never break out of their line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }), (subject, body) => {
      const lines = plainNotes(notes(commit(subject, { body })), 5000).split('\n')
      expect(lines).toHaveLength(3)
      expect(lines[2]).not.toMatch(/\p{C}/u)
    }),
  )
})
