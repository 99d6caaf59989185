import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { unwrap } from '../../domain/parsed.ts'
import type { FreezeEstate, FreezeWindow } from '../estate-freeze.ts'
import { parseRecurrence, untilOf } from './recurrence.ts'

/** Whether something may be deployed at a moment, why not, and when that changes. */
export type FreezeJudged = {
  readonly open: boolean
  /** What keeps it closed: the windows that forbid, or all those that allow, none of which is now. */
  readonly windows: readonly { readonly name: string; readonly kind: FreezeWindow['kind']; readonly reason?: string }[]
  /** When it opens, or when it closes again; null where that is not within a year. Milliseconds since 1970. */
  readonly until: number | null
}

const DAY_MS = 86_400_000
/** Most freezes end within weeks; only where none does, a whole year is looked at. */
const HORIZONS_MS = [40 * DAY_MS, 400 * DAY_MS]

/**
 * Open where no window forbids it and, where some windows allow it, one of them does. A window begins at a local time of its
 * zone and lasts as RFC 5545 has it: days and weeks by the calendar, hours and minutes by the clock. A beginning that does not
 * exist, because the clock is put forward, is taken for the moment at which it would have been.
 */
export function freezeAt(freeze: FreezeEstate, at: number): FreezeJudged {
  let judged: FreezeJudged | null = null
  for (const horizon of HORIZONS_MS) {
    const windows = freeze.windows.map((window) => ({ window, spans: spansOf(freeze, window, at, at + horizon) }))
    const open = isOpen(windows, at)
    const edges = windows.flatMap(({ spans }) => spans.flatMap(({ from, to }) => [from, to]))
    const until = edges.filter((edge) => edge > at && edge <= at + horizon && isOpen(windows, edge) !== open)
    judged = { open, windows: open ? [] : closing(windows, at), until: until.length === 0 ? null : Math.min(...until) }
    if (judged.until !== null) break
  }
  return judged!
}

/** True when it comes at least once. */
export function everComes(freeze: Pick<FreezeEstate, 'timeZone'>, window: FreezeWindow): boolean {
  if (window.repeat === undefined) return true
  try {
    return ruleOf(freeze, window, window.repeat).next(before(local(window.from)), true) !== null
  } catch {
    // It gives up where nothing comes for very long.
    return false
  }
}

type Span = { readonly from: number; readonly to: number }
type Placed = { readonly window: FreezeWindow; readonly spans: readonly Span[] }

function isOpen(windows: readonly Placed[], at: number): boolean {
  const holds = (kind: FreezeWindow['kind']) => windows.some((each) => each.window.kind === kind && covers(each, at))
  return !holds('deny') && (holds('allow') || windows.every(({ window }) => window.kind === 'deny'))
}

function closing(windows: readonly Placed[], at: number): FreezeJudged['windows'] {
  const forbidding = windows.filter((each) => each.window.kind === 'deny' && covers(each, at))
  const kept = forbidding.length > 0 ? forbidding : windows.filter(({ window }) => window.kind === 'allow')
  return kept.map(({ window: { name, kind, reason } }) => ({ name, kind, ...(reason === undefined ? {} : { reason }) }))
}

function covers({ spans }: Placed, at: number): boolean {
  return spans.some(({ from, to }) => from <= at && at < to)
}

/** When the window is, of all that touches the time between: at its end, the next edge is known. */
function spansOf(freeze: FreezeEstate, window: FreezeWindow, from: number, to: number): readonly Span[] {
  const zone = window.timeZone ?? freeze.timeZone
  const lasts = Temporal.Duration.from(window.lasts)
  return beginnings(freeze, window, from, to)
    .map((start) => {
      const begins = start.toZonedDateTime(zone)
      return { from: begins.epochMilliseconds, to: begins.add(lasts).epochMilliseconds }
    })
    .filter((span) => span.to > from && span.from <= to)
}

/** Local times, without a zone: so no beginning is lost or doubled where clocks change. */
function beginnings(freeze: FreezeEstate, window: FreezeWindow, from: number, to: number): readonly Temporal.PlainDateTime[] {
  const start = local(window.from)
  if (window.repeat === undefined) return [start]
  const lastsMs = Temporal.Duration.from(window.lasts).total({ unit: 'milliseconds', relativeTo: start })
  // Two days more on either side than any zone is away from UTC, and any change of a clock.
  const [first, last] = [from - lastsMs - 2 * DAY_MS, to + 2 * DAY_MS]
  return ruleOf(freeze, window, window.repeat)
    .between(new Date(first), new Date(last), true)
    .map((each) => each.toPlainDateTime())
}

function ruleOf({ timeZone }: Pick<FreezeEstate, 'timeZone'>, window: FreezeWindow, repeat: string) {
  const { freq, parts } = unwrap(parseRecurrence(repeat))
  const { UNTIL, ...others } = parts
  const rule = [
    `FREQ=${freq}`,
    ...Object.entries(others).map(([key, value]) => `${key}=${value}`),
    ...(UNTIL === undefined ? [] : [`UNTIL=${untilLocal(UNTIL, window.timeZone ?? timeZone)}Z`]),
  ].join(';')
  // Counted as if its local times were UTC's.
  return new RRuleTemporal({ rruleString: `DTSTART:${compact(local(window.from))}Z\nRRULE:${rule}`, temporal: Temporal })
}

/** The end of the rule as a local time: in UTC where it says so. */
function untilLocal(value: string, zone: string): string {
  const until = untilOf(value)!
  const plain = local(until.text)
  return compact(until.utc ? plain.toZonedDateTime('UTC').withTimeZone(zone).toPlainDateTime() : plain)
}

function local(text: string): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(text)
}

function compact(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')
}

function before(time: Temporal.PlainDateTime): Date {
  return new Date(time.toZonedDateTime('UTC').epochMilliseconds - 1)
}
