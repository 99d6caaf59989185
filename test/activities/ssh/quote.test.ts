import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printfLine, remoteCommand, shellQuote } from '../../../activities/ssh/quote.ts'
import { variableLines } from '../../../activities/ssh/variable-lines.ts'

const HOSTILE = [
  '',
  ' ',
  "'",
  "''",
  `a'b"c`,
  '$(touch x)',
  '`id`',
  'a;reboot',
  '\\',
  '\\n',
  '-rf',
  '*',
  '~',
  '!x',
  '\n',
  'a\nb\n',
  '\u200b',
  '%s',
  '\\0101',
  'ü€😀',
  '#',
  '\t\r',
]
const text = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: fc.constantFrom(...'\'\\"$`!*\n\t\r 0189abn-%é😀'.match(/./gsu)!) }),
  fc.string(),
)

/** What a shell makes of words, between bytes that no word can hold. */
function words(shell: string, source: string): string[] {
  const program = `for word in ${source}; do printf '%s\\037' "$word"; done`
  return execFileSync(shell, ['-c', program], { encoding: 'utf8' }).split('\x1f').slice(0, -1)
}

describe.each(['dash', 'bash'])('%s', (shell) => {
  test('reads every quoted text as the one word that it was', () => {
    fc.assert(
      fc.property(
        fc.array(
          text.filter((each) => !each.includes('\0') && !each.includes('\x1f')),
          { minLength: 1, maxLength: 20 },
        ),
        (texts) => {
          expect(words(shell, texts.map(shellQuote).join(' '))).toEqual(texts)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('gives a remote script its arguments and its standard input back', () => {
    fc.assert(
      fc.property(
        text.filter((each) => !each.includes('\0')),
        text.filter((each) => !each.includes('\0')),
        (argument, value) => {
          const script = 'IFS= read -r line; value=$(printf "%b_" "$line"); printf "%s\\037%s" "$1" "${value%_}"'
          const output = execFileSync(shell, ['-c', remoteCommand(script, [argument])], {
            input: `${printfLine(value)}\n`,
            encoding: 'utf8',
          })
          expect(output).toBe(`${argument}\x1f${value}`)
        },
      ),
      { numRuns: 60 },
    )
  })
})

test('a NUL character fits nowhere', () => {
  expect(() => shellQuote('a\0b')).toThrow('without NUL')
  expect(() => printfLine('a\0b')).toThrow('without NUL')
})

test.each(['', 'A B', 'A=B', '1A', 'A;id', 'A\n'])('%j is no name of a variable', (name) => {
  expect(() => variableLines({ [name]: 'x' })).toThrow('expected the name of a variable')
})
