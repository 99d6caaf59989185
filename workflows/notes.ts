import { proxyActivities } from '@temporalio/workflow'
import type { NotesActivities, ReleaseNotes } from '../activities/contract.ts'
import type { NotesInput, ReleasePageInput } from './messages.ts'
import { ASKED_MUCH, RELEASE_PAGE } from './policies.ts'
import { MAIN_QUEUE } from './queues.ts'

/** What came with a release, read where the repository is reached. */
export async function notes({ project, name }: NotesInput): Promise<ReleaseNotes> {
  const activities = proxyActivities<NotesActivities>({ ...ASKED_MUCH, taskQueue: MAIN_QUEUE })
  return activities.releaseNotes.executeWithOptions({ summary: `what came with ${name}` }, [{ project, name }])
}

/** The page of a release on the project's forge, where it has one. Nobody waits for it. */
export async function releasePage({ project, tag }: ReleasePageInput): Promise<string | null> {
  const activities = proxyActivities<NotesActivities>({ ...RELEASE_PAGE, taskQueue: MAIN_QUEUE })
  const page = await activities.publishRelease.executeWithOptions({ summary: `the release page of ${tag}` }, [{ project, tag }])
  return page?.url ?? null
}
