import { cut } from '../cut.ts'
import { parseRevision, type Revision } from '../revision.ts'

/** What can be told. `waiting`: for an approval. `rejected`: though somebody had approved it. `rolledBack`: what ran earlier runs again, because somebody went back. */
export const ANNOUNCED = [
  'building',
  'built',
  'buildFailed',
  'buildDropped',
  'waiting',
  'rejected',
  'deploying',
  'live',
  'failed',
  'parked',
  'rolledBack',
] as const

export type AnnouncementKind = (typeof ANNOUNCED)[number]

/** One thing that happened, for those who are not looking. No secret is in it, and nothing that was logged. */
export type Announcement = {
  /** The same at every attempt to tell it, and of no other: of lower-case letters, digits, "-" and "/". */
  readonly id: string
  readonly kind: AnnouncementKind
  readonly project: string
  /** Null for a build. */
  readonly environment: string | null
  readonly revision: Revision
  /** The image tag; null for a build. */
  readonly tag: string | null
  readonly version: string | null
  readonly epoch: number | null
  readonly at: number
  /** One sentence. */
  readonly text: string
}

const LONGEST_TEXT = 240

/** With nothing beside what belongs to it. */
export function announcement(given: Announcement): Announcement {
  const { id, kind, project, environment, revision, tag, version, epoch, at, text } = given
  return { id, kind, project, environment, revision, tag, version, epoch, at, text: cut(text, LONGEST_TEXT) }
}

/** What of it is a list of announcements of this project; whoever reaches Temporal can say anything. */
export function readAnnouncements(value: unknown, project: string): readonly Announcement[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, 100).flatMap((each: unknown) => (isAnnouncement(each) && each.project === project ? [announcement(each)] : []))
}

function isAnnouncement(value: unknown): value is Announcement {
  if (typeof value !== 'object' || value === null) return false
  const { id, kind, project, environment, revision, tag, version, epoch, at, text } = value as Record<string, unknown>
  return (
    isText(id) &&
    /^[a-z0-9/-]{1,200}$/.test(id) &&
    ANNOUNCED.some((known) => known === kind) &&
    isText(project) &&
    isText(revision) &&
    parseRevision(revision).ok &&
    [environment, tag, version].every((each) => each === null || (isText(each) && each.length <= 300)) &&
    (epoch === null || Number.isSafeInteger(epoch)) &&
    Number.isSafeInteger(at) &&
    isText(text)
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
