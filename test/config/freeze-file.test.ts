import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatProblems } from '../../config/problem.ts'
import { parseRecurrence } from '../../config/freeze/recurrence.ts'
import { parseConfig } from '../../config/read.ts'

const example = readFileSync(join(import.meta.dirname, '..', '..', 'estate.example.yaml'), 'utf8')

/** The example with this as the freeze of its production. */
function problemsOf(freeze: string): string {
  const at = /^( {6}prod:\n)/m
  expect(example).toMatch(at)
  const text = example
    .replace(/^ {8}freeze:\n(?:(?: {9,}.*)?\n)*/m, '')
    .replace(at, `$1        freeze:\n${freeze.replace(/^/gm, '          ')}\n`)
  const result = parseConfig('estate', { file: 'estate.yaml', text })
  return result.ok ? '' : formatProblems(result.problems)
}

const good = `timeZone: Europe/Berlin
windows:
  - { name: weekend, kind: deny, from: 2026-01-02T18:00, lasts: P2DT14H, repeat: FREQ=WEEKLY;BYDAY=FR }`

describe('a freeze in estate.yaml', () => {
  test('that is right is read', () => {
    expect(problemsOf(good)).toBe('')
  })

  test.each([
    ['Europe/Berlin', 'Europe/Berlyn', 'found "Europe/Berlyn"; expected an IANA time zone such as Europe/Berlin, or UTC'],
    ['Europe/Berlin', '+01:00', 'expected an IANA time zone'],
    ['2026-01-02T18:00', '2026-02-30T18:00', 'expected a local time such as 2026-01-02T18:00, without an offset'],
    ['2026-01-02T18:00', '2026-01-02T18:00+01:00', 'expected a local time'],
    ['P2DT14H', '62h', 'expected an ISO 8601 duration from a minute to a year, such as PT8H or P2DT14H'],
    ['P2DT14H', 'PT0M', 'expected an ISO 8601 duration'],
    ['P2DT14H', 'P999D', 'expected an ISO 8601 duration'],
    ['FREQ=WEEKLY;BYDAY=FR', 'FREQ=HOURLY', 'expected FREQ=YEARLY, FREQ=MONTHLY, FREQ=WEEKLY, FREQ=DAILY, which a rule has to have'],
    ['FREQ=WEEKLY;BYDAY=FR', 'FREQ=WEEKLY;BYDAY=1FR', 'expected numbered days such as 1MO only with FREQ=MONTHLY or FREQ=YEARLY'],
    ['FREQ=WEEKLY;BYDAY=FR', 'FREQ=WEEKLY;BYDAY=FRI', 'expected BYDAY to be days such as MO,TU'],
    [
      'FREQ=WEEKLY;BYDAY=FR',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
      'which never comes after 2026-01-02T18:00; expected a rule that comes at least once',
    ],
    ['FREQ=WEEKLY;BYDAY=FR', 'FREQ=DAILY;UNTIL=20251231', 'which never comes after'],
    ['kind: deny', 'kind: refuse', 'expected one of deny, allow'],
  ])('with %s written as %s', (from, to, words) => {
    const problems = problemsOf(good.replace(from, to))
    expect(problems).toContain(words)
    expect(problems).toMatch(/^estate\.yaml:\d+:\d+ projects\.website\.environments\.prod\.freeze\./)
    expect(problems.split('\n')).toHaveLength(1)
  })

  test('with a name twice', () => {
    const twice = `${good}\n${good.split('\n').at(-1)!}`
    expect(problemsOf(twice)).toContain('"weekend", which another window is called already')
  })
})

test.each([
  ['freq=daily', 'parts such as FREQ=WEEKLY;BYDAY=FR'],
  ['', 'parts such as'],
  ['RRULE:FREQ=DAILY', 'parts such as'],
  ['FREQ=DAILY;', 'parts such as'],
  ['FREQ=DAILY\nEXDATE=20260101', 'parts such as'],
  ['BYDAY=MO', 'which a rule has to have'],
  ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ once'],
  ['FREQ=DAILY;BYHOUR=3', 'no BYHOUR, but of INTERVAL, COUNT'],
  ['FREQ=DAILY;INTERVAL=0', 'INTERVAL to be a whole number from 1'],
  ['FREQ=DAILY;COUNT=-1', 'COUNT to be'],
  ['FREQ=DAILY;COUNT=2;UNTIL=20260101', 'COUNT or UNTIL, not both'],
  ['FREQ=DAILY;UNTIL=20260231', 'UNTIL to be a day such as 20261231'],
  ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY to be days of the month'],
  ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY not with FREQ=WEEKLY'],
  ['FREQ=MONTHLY;BYWEEKNO=3', 'BYWEEKNO only with FREQ=YEARLY'],
  ['FREQ=DAILY;BYYEARDAY=3', 'BYYEARDAY only with FREQ=YEARLY'],
  ['FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO', 'no numbered days together with BYWEEKNO'],
  ['FREQ=MONTHLY;BYSETPOS=1', 'BYSETPOS only beside another BY… part'],
])('%j is no recurrence rule', (text, words) => {
  expect(parseRecurrence(text)).toMatchObject({ ok: false, problem: expect.stringContaining(words) })
})
