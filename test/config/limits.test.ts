import { describe, expect, it } from 'vitest'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig } from '../../config/read.ts'

const MIB = 1024 * 1024

describe('texts that are made to hurt', () => {
  it.each([
    ['one byte too many', '#'.repeat(MIB + 1), 'f:1:1: found a file of more than 1 MiB; expected at most 1 MiB'],
    ['aliases of aliases', bomb(), /found too many values, aliases counted as often as they are used; expected at most 20000/],
    ['an alias in itself', 'a: &a [*a]', /found mappings or lists that are nested too deeply; expected at most 40 levels/],
    ['deep lists', '['.repeat(MIB), /nested too deeply/],
    ['deep block lists', '- '.repeat(MIB / 2), /nested too deeply/],
    ['moderately deep lists', `${'['.repeat(100)}${']'.repeat(100)}`, /nested too deeply/],
    ['a chain of keys on one line', 'a: '.repeat(5000), /nested too deeply/],
    [
      'a chain of keys below each other',
      Array.from({ length: 1000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
      /nested too deeply/,
    ],
    ['a chain of dashes and keys', '- a: '.repeat(5000), /./],
    ['very many keys', keys(90_000), /found too many values/],
    ['many unknown keys', keys(15_000), /and \d+ more$/],
    ['many aliases', `a: &a 1\nb: [${'*a,'.repeat(300_000)}]`, /found too many values; expected a few hundred/],
    ['one key very often', 'a: 1\n'.repeat(9_000), /again \(first on line 1\)/],
    ['a long key', `${'k'.repeat(900_000)}: 1`, /./],
    ['a long value', `project: ${'k'.repeat(900_000)}`, /./],
  ])(
    '%s',
    (_what, text, expected) => {
      const result = parseConfig('slipway', { text, file: 'f' })
      expect(result.ok).toBe(false)
      const message = result.ok ? '' : formatProblems(result.problems)
      expect(message).toMatch(expected)
      expect(message.length).toBeLessThan(50_000)
    },
    20_000,
  )
})

it('takes long lines and wide lists that are no nesting', () => {
  const wide = `project: website
services:
  website:
    image: eap/website
    args: { ${Array.from({ length: 60 }, (_, index) => `ARGUMENT_${index}: "[[[[ {{{{ - - - ? : : :"`).join(', ')} }
    prebuild:
      run: ${'echo ":[[[" && '.repeat(50)} true
      inputs: [${Array.from({ length: 200 }, (_, index) => `folder/${index}`).join(', ')}
        ${' '.repeat(150)}, last ] # [[[[ - - - -
`
  expect(parseConfig('slipway', { text: wide, file: 'f' })).toMatchObject({ ok: true })
})

/** Nine levels of ten: a billion values in two hundred characters. */
function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(',')}]`)
  return ['l0: &l0 lol', ...levels].join('\n')
}

function keys(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}: 1`).join('\n')
}
