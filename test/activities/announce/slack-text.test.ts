import fc from 'fast-check'
import { expect, test } from 'vitest'
import { slackText } from '../../../activities/announce/slack-text.ts'
import type { Announcement } from '../../../domain/announcer/announcement.ts'

const EVENT = { kind: 'failed', project: 'website' } as Announcement
const textOf = (text: string) => slackText({ ...EVENT, text }).slice(':x: *website*: '.length)

/** What Slack, Mattermost and Rocket.Chat make calls and links of, as their documentation tells. */
const CALLS_AND_LINKS: readonly RegExp[] = [
  /<[^>]+>/,
  /[@#~][^\s\u200b]/,
  /\][([]/,
  /\[[^\]]*\]:/,
  /[a-z][a-z0-9+.-]*:\/\//i,
  /(?:mailto|tel|javascript):[^\s\u200b]/i,
  /www\.[^\s\u200b]/i,
  /[\p{L}\p{N}-]\.\p{L}{2,}/u,
]

test.each([
  '[here](https://evil.example)',
  '![x](https://evil.example/pixel.png)',
  '[here][1] [1]: https://evil.example',
  'https://evil.example/path',
  'HTTP://10.0.0.1:8080/x',
  'evil.example',
  'www.evil.example',
  'пример.рф',
  'evil。example',
  'mailto:anne@evil.example',
  'slack://open?team=1',
  '@anne and @all, @here; @channel',
  '(@anne)',
  '#general ~town-square',
  '<!channel> <@U012> <#C012|x> <https://evil.example|click>',
  '@\u200banne ]\u200b(https:\u2060//evil.\u00adexample)',
])('%s is words, and nothing else', (text) => {
  const found = textOf(text)
  for (const makes of CALLS_AND_LINKS) expect(found, `${makes}`).not.toMatch(makes)
})

test('however the pieces of such are put together', () => {
  const pieces = [
    '@',
    '#',
    '~',
    '[',
    ']',
    '(',
    ')',
    ':',
    '/',
    '.',
    '<',
    '>',
    '&',
    '!',
    '|',
    ' ',
    '\n',
    '\u200b',
    'www',
    'https',
    'anne',
    'é',
    '1',
    '\\',
    '`',
    '*',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 20 }), (some) => {
      const found = textOf(some.join(''))
      for (const makes of CALLS_AND_LINKS) expect(found).not.toMatch(makes)
      expect(found).not.toContain('\n')
    }),
    { numRuns: 2000 },
  )
})

test('what is no call and no link is as it was', () => {
  const text = 'v1.0.0 failed in prod: 2 of 3 pods (exit 1), 12:30; slipway env prod'
  expect(textOf(text)).toBe(text)
  // And nothing is lost of what is.
  expect(textOf('see api.example or @anne').replaceAll('\u200b', '')).toBe('see api.example or @anne')
})
