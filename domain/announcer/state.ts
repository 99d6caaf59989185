import { cut } from '../cut.ts'
import type { Announcement, AnnouncementKind } from './announcement.ts'

/** What is still to be told, and to whom; `to` is null until it is known who wants to hear it. */
export type Pending = { readonly event: Announcement; readonly to: readonly string[] | null }

/** What somebody did not get to hear, and why. */
export type Dropped = Pick<Announcement, 'id' | 'kind' | 'text'> & { readonly to: string; readonly reason: string; readonly at: number }

/** One who wants to hear something: a notification of the estate, or the forge. */
export type Addressee = {
  readonly name: string
  readonly kinds: readonly AnnouncementKind[]
  /** Null: of all of them, and of builds. */
  readonly environments: readonly string[] | null
  /** It is tried so long to tell an event, counted from when it happened. */
  readonly retrySeconds: number
}

/** Everything the announcer remembers. Plain JSON; bounded. */
export type AnnouncerState = {
  readonly project: string
  /** Oldest first. */
  readonly pending: readonly Pending[]
  /** Ids that were taken in, so that what is said twice is told once. */
  readonly known: readonly string[]
  readonly sent: number
  /** Newest last. */
  readonly dropped: readonly Dropped[]
}

const MOST_PENDING = 60
const MOST_KNOWN = 200
const MOST_DROPPED = 30
const LONGEST_REASON = 300

export function newAnnouncer(project: string): AnnouncerState {
  return { project, pending: [], known: [], sent: 0, dropped: [] }
}

/** What is too much pushes the oldest out, with a record. */
export function takeIn(state: AnnouncerState, events: readonly Announcement[], now: number): AnnouncerState {
  const fresh = events.filter(({ id }, at) => !state.known.includes(id) && events.findIndex((other) => other.id === id) === at)
  const pending = [...state.pending, ...fresh.map((event): Pending => ({ event, to: null }))]
  const over = pending.slice(0, Math.max(0, pending.length - MOST_PENDING))
  const known = [...state.known, ...fresh.map(({ id }) => id)].slice(-MOST_KNOWN)
  const kept: AnnouncerState = { ...state, known, pending: pending.slice(over.length) }
  const reason = `more than ${MOST_PENDING} others wait to be told`
  return over
    .flatMap(({ event, to }) => (to ?? ['everybody']).map((name) => ({ event, name })))
    .reduce((all, { event, name }) => recordDropped(all, event, name, reason, now), kept)
}

/** Who hears of what is not addressed yet; what nobody wants to hear is forgotten. */
export function address(state: AnnouncerState, addressees: readonly Addressee[]): AnnouncerState {
  const pending = state.pending.map(({ event, to }) => ({
    event,
    to: to ?? addressees.filter((each) => wants(each, event)).map(({ name }) => name),
  }))
  return { ...state, pending: pending.filter(({ to }) => to.length > 0) }
}

function wants({ kinds, environments }: Addressee, { kind, environment }: Announcement): boolean {
  return kinds.includes(kind) && (environments === null || environment === null || environments.includes(environment))
}

/** What this one is told next. */
export function nextFor(state: AnnouncerState, name: string): Announcement | null {
  return state.pending.find(({ to }) => to?.includes(name) === true)?.event ?? null
}

export function waitingNames(state: AnnouncerState): readonly string[] {
  return [...new Set(state.pending.flatMap(({ to }) => to ?? []))]
}

export function isUnaddressed(state: AnnouncerState): boolean {
  return state.pending.some(({ to }) => to === null)
}

/** It was told, or it is given up for this reason. */
export function settle(state: AnnouncerState, event: Announcement, name: string, reason: string | null, now: number): AnnouncerState {
  const pending = state.pending.flatMap((each): readonly Pending[] => {
    if (each.event.id !== event.id || each.to === null) return [each]
    const to = each.to.filter((other) => other !== name)
    return to.length === 0 ? [] : [{ event: each.event, to }]
  })
  const settled = { ...state, pending }
  return reason === null ? { ...settled, sent: state.sent + 1 } : recordDropped(settled, event, name, reason, now)
}

function recordDropped(state: AnnouncerState, { id, kind, text }: Announcement, to: string, reason: string, at: number): AnnouncerState {
  const entry = { id, kind, text, to, reason: cut(reason, LONGEST_REASON), at }
  return { ...state, dropped: [...state.dropped, entry].slice(-MOST_DROPPED) }
}

/** For the person who reads the Temporal UI. */
export function announcerDetails({ pending, sent, dropped }: AnnouncerState): string {
  const waiting = pending.map(({ event, to }) => `- waits for ${to?.join(', ') ?? 'its addressees'}: ${event.text}`)
  const given = dropped.slice(-10).map(({ text, to, reason }) => `- not told to ${to}: ${text} (${reason})`)
  return [`${sent} told`, ...waiting.slice(0, 10), ...given].join('\n')
}
