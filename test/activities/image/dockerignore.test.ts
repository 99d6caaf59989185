import { expect, test } from 'vitest'
import { readIgnoreRules } from '../../../activities/image/dockerignore.ts'

function ignores(text: string, path: string): boolean {
  const rules = readIgnoreRules(text, '.dockerignore')
  const parts = path.split('/')
  let parent = null
  for (let length = 1; ; length++) {
    const judged = rules.judge(parts.slice(0, length).join('/'), parent)
    if (length === parts.length) return judged.ignored
    parent = judged.matches
  }
}

test.each<[string, string, boolean]>([
  ['a', 'a', true],
  ['a', 'b/a', false],
  ['a', 'a/b/c', true],
  ['/a', 'a', true],
  ['./a/', 'a/x', true],
  ['a/../b', 'b', true],
  ['*.md', 'README.md', true],
  ['*.md', 'docs/README.md', false],
  ['**/*.md', 'README.md', true],
  ['**/*.md', 'a/b/README.md', true],
  ['**/node_modules', 'a/node_modules/x/y', true],
  ['docs/**', 'docs/a/b', true],
  ['docs/**', 'docs', false],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'a/xb', false],
  ['**', 'a/b', true],
  ['?', 'a', true],
  ['?', 'ab', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['[^a-c]x', 'dx', true],
  ['a.b', 'axb', false],
  ['a+(b)', 'a+(b)', true],
  ['a|b', 'a', false],
  [String.raw`\*`, '*', true],
  [String.raw`\*`, 'a', false],
  ['A', 'a', false],
  ['constructor', 'constructor', true],
  ['x', 'constructor', false],
  ['# a', '# a', false],
  ['  a  ', 'a', true],
  ['*\n!a', 'a', false],
  ['*\n!a', 'a/b', false],
  ['*\n!a\na/b', 'a/b', true],
  ['*\n!a/b', 'a', true],
  ['*\n!a/b', 'a/b', false],
  ['!a\n*', 'a', true],
  ['**/x\n!keep/x', 'keep/x', false],
  ['\uFEFFa\r\nb\r\n', 'b', true],
])('%j leaves out %j: %s', (text, path, expected) => {
  expect(ignores(text, path)).toBe(expected)
})

test.each(['!', '! ', 'a[', 'a[^', 'a'.repeat(500)])('%j is no pattern', (text) => {
  expect(() => readIgnoreRules(text, '.dockerignore')).toThrow('.dockerignore, line 1: expected a pattern')
})

test('one looks into an ignored folder only where something may be let in', () => {
  const rules = readIgnoreRules('*\n!a/b/c\n!**/*.txt', '.dockerignore')
  expect(rules.mayLetIn('a')).toBe(true)
  expect(readIgnoreRules('*\n!a/b/c', '.dockerignore').mayLetIn('a/b')).toBe(true)
  expect(readIgnoreRules('*\n!a/b/c', '.dockerignore').mayLetIn('x')).toBe(false)
})

test('a pattern that would keep a regular expression busy for years takes no time', () => {
  const started = performance.now()
  expect(ignores(`${'*a'.repeat(190)}b`, 'a'.repeat(255))).toBe(false)
  expect(ignores(`${'**a'.repeat(130)}b`, `${'a/'.repeat(60)}a`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(2000)
})
