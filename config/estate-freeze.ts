import { z } from 'zod'
import { readRecurrence } from './freeze/recurrence.ts'

/** When an environment takes no deployments, beside what people say. */

const timeZone = z.string().max(64).refine(isTimeZone, 'an IANA time zone such as Europe/Berlin, or UTC')

const window = z.strictObject({
  name: z
    .string()
    .regex(/^[^\p{C}]{1,60}$/u, 'a name of at most 60 characters on one line')
    .describe('What people call it, such as weekend.'),
  kind: z
    .enum(['deny', 'allow'])
    .describe('"deny": nothing is deployed in it. "allow": something is deployed only in it, or in another that allows. What denies wins.'),
  from: z
    .string()
    .refine(isLocalTime, 'a local time such as 2026-01-02T18:00, without an offset')
    .describe('When it begins for the first time, as a clock in its time zone shows it.'),
  lasts: z
    .string()
    .refine(isDuration, 'an ISO 8601 duration from a minute to a year, such as PT8H or P2DT14H')
    .describe('How long it lasts: days and weeks by the calendar, hours and minutes by the clock.'),
  repeat: z
    .string()
    .max(300)
    .superRefine((text, context) => {
      const read = readRecurrence(text)
      if (typeof read === 'string') context.addIssue({ code: 'custom', message: read })
    })
    .optional()
    .describe('A recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=FR. Default: it comes once.'),
  timeZone: timeZone.optional().describe('Where it is not the one below "freeze".'),
  reason: z
    .string()
    .regex(/^[^\p{C}]{1,200}$/u, 'a sentence of at most 200 characters on one line')
    .optional()
    .describe('What is said to whoever waits for it.'),
})

export const freeze = z.strictObject({
  timeZone: timeZone.describe('The IANA time zone in which its windows begin, such as Europe/Berlin.'),
  windows: z.array(window).min(1).max(50).describe('When it is frozen, or when it is not. They may overlap.'),
  rollbacks: z.enum(['pass', 'held']).default('pass').describe('"held": a rollback waits for the end of a freeze too. Default: it passes.'),
})

export type FreezeEstate = z.output<typeof freeze>
export type FreezeWindow = FreezeEstate['windows'][number]

function isTimeZone(text: string): boolean {
  // An offset is none: it has no change of clocks.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function isLocalTime(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text)) return false
  const time = new Date(`${text}Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 16))
}

const DURATION = /^P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,6})M)?)?$/

function isDuration(text: string): boolean {
  const match = DURATION.exec(text)
  if (match === null || /[PT]$/.test(text)) return false
  const [weeks = 0, days = 0, hours = 0, minutes = 0] = match.slice(1).map((each) => Number(each ?? 0))
  const total = ((weeks * 7 + days) * 24 + hours) * 60 + minutes
  return total >= 1 && total <= 366 * 24 * 60
}
