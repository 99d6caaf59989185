import { actorName, type Actor } from './actor.ts'
import { cut } from './cut.ts'

/** One thing that happened, for the person who reads the record later. */
export type Entry = {
  /** Milliseconds since 1970. */
  readonly at: number
  /** A short word for machines, such as `approved` or `denied`. */
  readonly event: string
  /** One sentence. */
  readonly text: string
  readonly by: string | null
}

export const KEPT_ENTRIES = 60
const LONGEST_TEXT = 300

/** Temporal's history is the whole record; the state keeps the newest entries only. */
export function recorded(entries: readonly Entry[], at: number, event: string, text: string, by: Actor | null = null): Entry[] {
  return [...entries, { at, event, text: cut(text, LONGEST_TEXT), by: by === null ? null : actorName(by) }].slice(-KEPT_ENTRIES)
}
