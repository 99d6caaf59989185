import { parseFailure, type Parsed } from '../../domain/parsed.ts'

/** The parts of a recurrence rule (RFC 5545, 3.3.10) that a freeze window may have, each with its value as it was written. */
export type Recurrence = { readonly freq: Freq; readonly parts: Readonly<Partial<Record<Part, string>>> }

export type Freq = (typeof FREQS)[number]

const FREQS = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'] as const

const integers = (least: number, most: number, both: boolean) => (value: string) =>
  value.split(',').every((each) => {
    if (!(both ? /^[+-]?\d{1,3}$/ : /^\d{1,3}$/).test(each)) return false
    const size = Math.abs(Number(each))
    return size >= least && size <= most
  })

const days = (value: string) => value.split(',').every((each) => /^([+-]?([1-9]|[1-4]\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)$/.test(each))

/** What each part may be. The time of day is that of the window's beginning: BYHOUR and what is shorter are no parts of it. */
const PARTS = {
  INTERVAL: [integers(1, 999, false), 'a whole number from 1 to 999'],
  COUNT: [(value: string) => /^[1-9]\d{0,4}$/.test(value), 'a whole number from 1 to 99999'],
  UNTIL: [
    (value: string) => untilOf(value) !== null,
    'a day such as 20261231, a local time such as 20261231T180000, or one in UTC with Z at its end',
  ],
  BYDAY: [days, 'days such as MO,TU or, in a month or year, 1MO or -1FR'],
  BYMONTHDAY: [integers(1, 31, true), 'days of the month, from 1 to 31 or from -31 to -1'],
  BYYEARDAY: [integers(1, 366, true), 'days of the year, from 1 to 366 or from -366 to -1'],
  BYWEEKNO: [integers(1, 53, true), 'weeks of the year, from 1 to 53 or from -53 to -1'],
  BYMONTH: [integers(1, 12, false), 'months, from 1 to 12'],
  BYSETPOS: [integers(1, 366, true), 'positions, from 1 to 366 or from -366 to -1'],
  WKST: [(value: string) => /^(MO|TU|WE|TH|FR|SA|SU)$/.test(value), 'the day that a week begins with, such as MO'],
} as const satisfies Readonly<Record<string, readonly [(value: string) => boolean, string]>>

export type Part = keyof typeof PARTS

/** `FREQ=WEEKLY;BYDAY=FR`, with what RFC 5545 forbids told as a person would. */
export function parseRecurrence(text: string): Parsed<Recurrence> {
  const read = readRecurrence(text)
  return typeof read === 'string' ? parseFailure(text, read) : { ok: true, value: read }
}

/** @returns what was expected, where the text is no such rule */
export function readRecurrence(text: string): Recurrence | string {
  const given = new Map<string, string>()
  for (const each of text.split(';')) {
    const match = /^([A-Z]+)=([^=]+)$/.exec(each)
    if (match === null) return 'parts such as FREQ=WEEKLY;BYDAY=FR, in capital letters'
    const [, key = '', value = ''] = match
    if (given.has(key)) return `${key} once`
    given.set(key, value)
  }
  const freq = FREQS.find((each) => each === given.get('FREQ'))
  if (freq === undefined) return `FREQ=${FREQS.join(', FREQ=')}, which a rule has to have`
  given.delete('FREQ')
  const parts: Partial<Record<Part, string>> = {}
  for (const [key, value] of given) {
    if (!isPart(key)) return `no ${key}, but of ${Object.keys(PARTS).join(', ')} what is needed`
    const [fits, words] = PARTS[key]
    if (!fits(value)) return `${key} to be ${words}`
    parts[key] = value
  }
  const clash = clashOf(freq, parts)
  return clash ?? { freq, parts }
}

/** What must not stand together. */
function clashOf(freq: Freq, parts: Recurrence['parts']): string | null {
  const { COUNT, UNTIL, BYDAY, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYSETPOS } = parts
  if (COUNT !== undefined && UNTIL !== undefined) return 'COUNT or UNTIL, not both'
  if (BYWEEKNO !== undefined && freq !== 'YEARLY') return 'BYWEEKNO only with FREQ=YEARLY'
  if (BYYEARDAY !== undefined && freq !== 'YEARLY') return 'BYYEARDAY only with FREQ=YEARLY'
  if (BYMONTHDAY !== undefined && freq === 'WEEKLY') return 'BYMONTHDAY not with FREQ=WEEKLY'
  const numbered = BYDAY !== undefined && /\d/.test(BYDAY)
  if (numbered && freq !== 'MONTHLY' && freq !== 'YEARLY') return 'numbered days such as 1MO only with FREQ=MONTHLY or FREQ=YEARLY'
  if (numbered && BYWEEKNO !== undefined) return 'no numbered days together with BYWEEKNO'
  const others = Object.keys(parts).filter((key) => key.startsWith('BY') && key !== 'BYSETPOS')
  return BYSETPOS !== undefined && others.length === 0 ? 'BYSETPOS only beside another BY… part' : null
}

/** The last moment of UNTIL, as `20261231T235959` with or without Z; null when it is none. */
export function untilOf(value: string): { readonly text: string; readonly utc: boolean } | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z)?)?$/.exec(value)
  if (match === null) return null
  const [, year, month, day, hour, minute, second, utc] = match
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null
  const time = hour === undefined ? '23:59:59' : `${hour}:${minute}:${second}`
  return { text: `${year}-${month}-${day}T${time}`, utc: utc !== undefined }
}

function isPart(key: string): key is Part {
  return Object.hasOwn(PARTS, key)
}
