import fc from 'fast-check'
import { isImageRepository } from '../../domain/image-reference.ts'

const part = fc.integer({ min: 0, max: 999_999 })
const hex = (digits: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: digits, maxLength: digits })

export const version = fc.record({ major: part, minor: part, patch: part })
export const releaseTag = fc.record({ version, hotfix: fc.integer({ min: 0, max: 9999 }) })
export const revision = hex(40)
export const digest = hex(64).map((digits) => `sha256:${digits}`)

const word = fc.string({ unit: fc.constantFrom(...'abz09'.split('')), minLength: 1, maxLength: 6 })
const repository = fc
  .array(fc.tuple(word, fc.constantFrom('.', '_', '__', '-', '--', '/')), { maxLength: 4 })
  .chain((parts) => word.map((last) => `${parts.map(([text, joint]) => text + joint).join('')}${last}`))
  .filter(isImageRepository)

export const imageReference = fc.record({
  registry: fc.constantFrom(
    'localhost',
    'localhost:5000',
    '127.0.0.1:5000',
    'registry.example',
    'registry.example:8443',
    'registry:80',
    '[::1]:5000',
  ),
  repository,
  tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)),
  digest: fc.option(digest),
})

/** Names that git itself would let pass, or that somebody may hope will. */
export const hostile = [
  '$(touch x)',
  'a;reboot',
  '`id`',
  'a|b',
  'a&b',
  '-rf',
  '--upload-pack=x',
  "it's",
  'say "x"',
  'two words',
  'line\nbreak',
  'line\rbreak',
  'tab\t',
  'nul\0',
  'zero\u200bwidth',
  'right\u202eto-left',
  'ключ',
  '..',
  'a..b',
  '../x',
  'a/../b',
  'a.lock',
  'a.lock/b',
  '.hidden',
  'a/.hidden',
  'a/-b',
  'a.',
  'a/',
  '/a',
  'a//b',
  '',
  '@',
  'a@{1}',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[b',
  'a\\b',
  '- x',
  '{a: b}',
  '&a',
  '*a',
  'a: b',
  '!!x',
  '%2e%2e',
  'a%2f..%2fb',
  'x'.repeat(201),
]
