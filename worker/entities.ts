import { WorkflowIdConflictPolicy, type Client } from '@temporalio/client'
import { ENVIRONMENT, PROJECT } from '../workflows/attributes.ts'
import type { announcer } from '../workflows/announcer.ts'
import type { environment } from '../workflows/environment.ts'
import { announcerId, environmentId, repositoryId } from '../workflows/ids.ts'
import { MAIN_QUEUE } from '../workflows/queues.ts'
import type { repository } from '../workflows/repository.ts'

/** Starts the repository workflow of a project, or finds it running. */
export async function ensureRepository(client: Client, project: string): Promise<void> {
  await client.workflow.start<typeof repository>('repository', {
    workflowId: repositoryId(project),
    taskQueue: MAIN_QUEUE,
    args: [{ project }],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `the only reader of the refs of ${project}`,
    typedSearchAttributes: [{ key: PROJECT, value: project }],
  })
}

/** Starts the workflow that tells others what happens in a project, or finds it running. */
export async function ensureAnnouncer(client: Client, project: string): Promise<void> {
  await client.workflow.start<typeof announcer>('announcer', {
    workflowId: announcerId(project),
    taskQueue: MAIN_QUEUE,
    args: [{ project }],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `tells others what happens in ${project}`,
    typedSearchAttributes: [{ key: PROJECT, value: project }],
  })
}

/** Starts the workflow of an environment, or finds it running. */
export async function ensureEnvironment(client: Client, project: string, name: string): Promise<void> {
  await client.workflow.start<typeof environment>('environment', {
    workflowId: environmentId(project, name),
    taskQueue: MAIN_QUEUE,
    args: [{ project, environment: name }],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `the only writer of ${name} of ${project}`,
    typedSearchAttributes: [
      { key: PROJECT, value: project },
      { key: ENVIRONMENT, value: name },
    ],
  })
}
