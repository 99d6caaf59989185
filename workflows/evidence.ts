import { proxyActivities, sleep } from '@temporalio/workflow'
import type { ContentPage, Evidence, EvidenceActivities } from '../activities/contract.ts'
import type { EvidenceInput, ReadContentInput } from './messages.ts'
import { ASKED, EVIDENCE, EVIDENCE_AT_THE_END } from './policies.ts'
import { MAIN_QUEUE } from './queues.ts'

/** Gathers what is known of a version, for a person who asks or because its sprint has ended. */
export async function evidence({ project, version, anew, atTheEnd }: EvidenceInput): Promise<Evidence> {
  // What the sprint told others last is on its way, and its own history is not closed yet.
  if (atTheEnd === true) await sleep('2s', { summary: 'the sprint comes to its end' })
  const { exportEvidence } = proxyActivities<EvidenceActivities>({
    ...(atTheEnd === true ? EVIDENCE_AT_THE_END : EVIDENCE),
    taskQueue: MAIN_QUEUE,
  })
  return exportEvidence.executeWithOptions({ summary: `what is known of ${version}` }, [{ project, version, anew }])
}

/** A page of anything in the store, read where the store is reached. */
export async function readContent({ digest, offset }: ReadContentInput): Promise<ContentPage> {
  const activities = proxyActivities<EvidenceActivities>({ ...ASKED, taskQueue: MAIN_QUEUE })
  return activities.readContent.executeWithOptions({ summary: `a page of ${digest.slice(7, 19)}` }, [{ digest, offset }])
}
