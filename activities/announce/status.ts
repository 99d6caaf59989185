import type { Announcement, AnnouncementKind } from '../../domain/announcer/announcement.ts'
import type { CommitStatus } from '../forge/forge.ts'

const STATES: Readonly<Record<AnnouncementKind, CommitStatus['state']>> = {
  building: 'running',
  built: 'success',
  buildFailed: 'failed',
  buildDropped: 'dropped',
  waiting: 'pending',
  rejected: 'dropped',
  deploying: 'running',
  live: 'success',
  failed: 'failed',
  parked: 'pending',
  rolledBack: 'success',
}

/** What a forge shows beside a commit: one line for its build, and one for each environment. */
export function statusOf({ kind, environment, revision, tag, at, text }: Announcement): CommitStatus {
  return {
    revision,
    context: `slipway/${environment ?? 'build'}`,
    state: STATES[kind],
    description: text,
    deployment: environment === null || tag === null ? null : { environment, tag, at },
  }
}
