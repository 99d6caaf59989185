import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import type { FreezeEstate, FreezeWindow } from '../../config/estate-freeze.ts'
import { freezeAt } from '../../config/freeze/evaluate.ts'

const window = (change: Partial<FreezeWindow> = {}): FreezeWindow => ({
  name: 'weekend',
  kind: 'deny',
  from: '2026-01-02T18:00',
  lasts: 'P2DT14H',
  repeat: 'FREQ=WEEKLY;BYDAY=FR',
  ...change,
})
const freeze = (windows: FreezeWindow[], timeZone = 'Europe/Berlin'): FreezeEstate => ({ timeZone, windows, rollbacks: 'pass' })
const at = (time: string, zone = 'Europe/Berlin') => Temporal.PlainDateTime.from(time).toZonedDateTime(zone).epochMilliseconds
const local = (ms: number | null, zone = 'Europe/Berlin') =>
  ms === null
    ? null
    : Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toString({ timeZoneName: 'never', smallestUnit: 'minute' })

/** Open or not at a local time, and until when. */
const judged = (windows: FreezeWindow[], time: string, zone = 'Europe/Berlin') => {
  const { open, until } = freezeAt(freeze(windows, zone), at(time, zone))
  return [open, local(until, zone)]
}

describe('a window that forbids', () => {
  test.each([
    ['2026-01-01T12:00', true, '2026-01-02T18:00+01:00'],
    ['2026-01-02T17:59', true, '2026-01-02T18:00+01:00'],
    ['2026-01-02T18:00', false, '2026-01-05T08:00+01:00'],
    ['2026-01-05T07:59', false, '2026-01-05T08:00+01:00'],
    ['2026-01-05T08:00', true, '2026-01-09T18:00+01:00'],
    ['2025-12-27T12:00', true, '2026-01-02T18:00+01:00'],
    ['2031-11-29T12:00', false, '2031-12-01T08:00+01:00'],
  ])('at %s: open %s until %s', (time, open, until) => {
    expect(judged([window()], time)).toEqual([open, until])
  })

  test('days are those of the calendar and hours those of the clock, over a change of the clocks', () => {
    // The clocks of Berlin go forward on 29 March 2026, 02:00, and back on 25 October, 03:00.
    expect(judged([window()], '2026-03-28T12:00')).toEqual([false, '2026-03-30T08:00+02:00'])
    expect(judged([window({ lasts: 'PT62H' })], '2026-03-28T12:00')).toEqual([false, '2026-03-30T09:00+02:00'])
    expect(judged([window()], '2026-10-24T12:00')).toEqual([false, '2026-10-26T08:00+01:00'])
    expect(judged([window({ lasts: 'PT62H' })], '2026-10-24T12:00')).toEqual([false, '2026-10-26T07:00+01:00'])
  })

  test('a beginning that does not exist, or exists twice, is not lost', () => {
    const nightly = window({ name: 'backup', from: '2026-01-01T02:30', lasts: 'PT2H', repeat: 'FREQ=DAILY' })
    expect(judged([nightly], '2026-03-28T12:00')).toEqual([true, '2026-03-29T03:30+02:00'])
    expect(judged([nightly], '2026-03-29T03:45')).toEqual([false, '2026-03-29T05:30+02:00'])
    // The first of the two.
    expect(judged([nightly], '2026-10-24T12:00')).toEqual([true, '2026-10-25T02:30+02:00'])
    expect(judged([nightly], '2026-10-25T02:45')).toEqual([false, '2026-10-25T03:30+01:00'])
  })

  test('the same rule in two zones is not the same time', () => {
    expect(judged([window({ timeZone: 'Asia/Shanghai' })], '2026-01-02T12:00')).toEqual([false, '2026-01-05T01:00+01:00'])
    expect(judged([window()], '2026-01-02T18:00', 'Asia/Shanghai')).toEqual([false, '2026-01-05T08:00+08:00'])
  })

  test('COUNT and UNTIL end it', () => {
    const twice = window({ repeat: 'FREQ=WEEKLY;BYDAY=FR;COUNT=2' })
    expect(judged([twice], '2026-01-10T00:00')).toEqual([false, '2026-01-12T08:00+01:00'])
    expect(judged([twice], '2026-01-12T08:00')).toEqual([true, null])
    // A day is meant as a whole; Friday's window begins on its last day.
    expect(judged([window({ repeat: 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20260109' })], '2026-01-10T00:00')[0]).toBe(false)
    expect(judged([window({ repeat: 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20260108' })], '2026-01-10T00:00')).toEqual([true, null])
    // 17:00 UTC is 18:00 in Berlin.
    expect(judged([window({ repeat: 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20260109T170000Z' })], '2026-01-10T00:00')[0]).toBe(false)
    expect(judged([window({ repeat: 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20260109T165959Z' })], '2026-01-10T00:00')[0]).toBe(true)
    expect(judged([window({ repeat: 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20260109T175959' })], '2026-01-10T00:00')[0]).toBe(true)
  })

  test('what comes once, comes once; a long one is seen from its middle and to its end', () => {
    const { repeat: _repeat, ...once } = window({ name: 'year end', from: '2026-12-18T00:00', lasts: 'P3W' })
    expect(judged([once], '2026-12-30T12:00')).toEqual([false, '2027-01-08T00:00+01:00'])
    expect(judged([once], '2027-01-08T00:00')).toEqual([true, null])
    expect(judged([once], '2026-06-01T00:00')).toEqual([true, '2026-12-18T00:00+01:00'])
    const forever = window({ from: '2026-01-01T00:00', lasts: 'P52W', repeat: 'FREQ=MONTHLY' })
    expect(judged([forever], '2027-06-01T00:00')).toEqual([false, null])
  })

  test('the last Friday, leap days, and weeks from their beginning', () => {
    expect(judged([window({ repeat: 'FREQ=MONTHLY;BYDAY=-1FR' })], '2026-01-10T00:00')).toEqual([true, '2026-01-30T18:00+01:00'])
    expect(judged([window({ from: '2024-02-29T00:00', lasts: 'P1D', repeat: 'FREQ=YEARLY' })], '2027-01-01T00:00')).toEqual([true, null])
    expect(judged([window({ from: '2024-02-29T00:00', lasts: 'P1D', repeat: 'FREQ=YEARLY' })], '2028-02-29T10:00')[0]).toBe(false)
    const other = window({ from: '2026-01-05T00:00', lasts: 'P1D', repeat: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU' })
    expect(judged([other], '2026-01-06T00:00')).toEqual([true, '2026-01-18T00:00+01:00'])
  })
})

describe('several windows', () => {
  const office = window({ name: 'office', kind: 'allow', from: '2026-01-05T09:00', lasts: 'PT8H', repeat: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH' })
  const lunch = window({ name: 'lunch', from: '2026-01-05T12:00', lasts: 'PT1H', repeat: 'FREQ=DAILY', reason: 'everybody eats' })

  test('one that allows closes all other time', () => {
    expect(judged([office], '2026-01-05T08:59')).toEqual([false, '2026-01-05T09:00+01:00'])
    expect(judged([office], '2026-01-05T09:00')).toEqual([true, '2026-01-05T17:00+01:00'])
    expect(judged([office], '2026-01-08T17:00')).toEqual([false, '2026-01-12T09:00+01:00'])
    const ended = { ...office, repeat: 'FREQ=DAILY;COUNT=1' }
    expect(judged([ended], '2026-02-01T09:00')).toEqual([false, null])
  })

  test('what forbids wins over what allows, and both are told by their names', () => {
    expect(judged([office, lunch], '2026-01-05T12:00')).toEqual([false, '2026-01-05T13:00+01:00'])
    expect(judged([office, lunch], '2026-01-05T11:59')).toEqual([true, '2026-01-05T12:00+01:00'])
    expect(freezeAt(freeze([office, lunch]), at('2026-01-05T12:30')).windows).toEqual([
      { name: 'lunch', kind: 'deny', reason: 'everybody eats' },
    ])
    expect(freezeAt(freeze([office, lunch]), at('2026-01-05T18:30')).windows).toEqual([{ name: 'office', kind: 'allow' }])
    expect(freezeAt(freeze([office, lunch]), at('2026-01-05T10:00')).windows).toEqual([])
  })

  test('those that overlap or touch are one freeze', () => {
    const late = window({ name: 'late', from: '2026-01-05T12:30', lasts: 'PT2H', repeat: 'FREQ=DAILY' })
    const next = window({ name: 'next', from: '2026-01-05T14:30', lasts: 'PT30M', repeat: 'FREQ=DAILY' })
    expect(judged([lunch, late, next], '2026-01-06T12:10')).toEqual([false, '2026-01-06T15:00+01:00'])
    expect(freezeAt(freeze([lunch, late]), at('2026-01-06T12:40')).windows.map(({ name }) => name)).toEqual(['lunch', 'late'])
  })
})

// ---- held against a plain way to say the same ----------------------------------------------------------------------

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC']
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

type Weekly = { kind: 'deny' | 'allow'; days: string[]; hour: number; minute: number; lastsMinutes: number }

const weekly: fc.Arbitrary<Weekly> = fc.record({
  kind: fc.constantFrom('deny' as const, 'allow' as const),
  days: fc.subarray(DAYS, { minLength: 1 }),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.constantFrom(0, 30, 59),
  lastsMinutes: fc.integer({ min: 1, max: 3 * 24 * 60 }),
})

/** Every day one by one: does the window begin on it, and does it still last? */
function coversPlainly({ days, hour, minute, lastsMinutes }: Weekly, zone: string, ms: number): boolean {
  const today = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate()
  return [0, 1, 2, 3, 4, 5].some((ago) => {
    const day = today.subtract({ days: ago })
    if (!days.includes(DAYS[day.dayOfWeek - 1]!)) return false
    const from = day.toPlainDateTime({ hour, minute }).toZonedDateTime(zone).epochMilliseconds
    return from <= ms && ms < from + lastsMinutes * 60_000
  })
}

test('it is open when a plain walk over the days says so, and nothing changes before the moment that is told', () => {
  fc.assert(
    fc.property(
      fc.array(weekly, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...ZONES),
      fc.integer({ min: Date.UTC(2026, 0, 10), max: Date.UTC(2027, 11, 31) }),
      (specs, zone, ms) => {
        const windows = specs.map(({ kind, days, hour, minute, lastsMinutes }, index) =>
          window({
            name: `w${index}`,
            kind,
            from: `2026-01-01T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
            lasts: `PT${lastsMinutes}M`,
            repeat: `FREQ=WEEKLY;BYDAY=${days.join(',')}`,
          }),
        )
        const openPlainly = (when: number) => {
          const covering = specs.filter((spec) => coversPlainly(spec, zone, when))
          const allows = specs.some(({ kind }) => kind === 'allow')
          return covering.every(({ kind }) => kind === 'allow') && (!allows || covering.length > 0)
        }
        const { open, until } = freezeAt(freeze(windows, zone), ms)
        expect(open).toBe(openPlainly(ms))
        const end = until ?? ms + 30 * 86_400_000
        for (let step = 0; step < 20; step++) expect(openPlainly(ms + Math.floor(((end - ms - 1) * step) / 20))).toBe(open)
        if (until !== null) expect(openPlainly(until)).toBe(!open)
      },
    ),
    { numRuns: 60 },
  )
})
