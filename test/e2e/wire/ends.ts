import type { ConnectionLike } from '@temporalio/client'
import type { ActivityTask, WorkflowTask } from './tasks.ts'

/** Nobody who waits for an answer is kept for long: these have no heartbeat. */
const WITHOUT_HEARTBEAT = new Set(['createBranch', 'createTag', 'readRefs', 'readSettings', 'listUnlistedMerges'])
const SOON = { nanos: 100_000_000 }
const NAMESPACE = 'default'

/**
 * What Temporal finds out by itself about a worker that is gone, ten to twenty seconds later: the timeouts of what it had
 * begun end now, and its cache is nobody's any more.
 */
export async function endOf(
  connection: ConnectionLike,
  lost: { readonly activities: readonly ActivityTask[]; readonly workflows: readonly WorkflowTask[]; readonly cached: readonly string[] },
): Promise<void> {
  const { workflowService: service } = connection
  await connection.withDeadline(Date.now() + 10_000, async () => {
    await Promise.all([
      ...lost.cached.map((workflowId) =>
        service.resetStickyTaskQueue({ namespace: NAMESPACE, execution: { workflowId } }).catch(() => undefined),
      ),
      ...lost.activities.map(({ workflowId, activityId, activityType }) => {
        const path = WITHOUT_HEARTBEAT.has(activityType) ? 'start_to_close_timeout' : 'heartbeat_timeout'
        return service
          .updateActivityOptions({
            namespace: NAMESPACE,
            execution: { workflowId },
            id: activityId,
            activityOptions: { heartbeatTimeout: SOON, startToCloseTimeout: SOON },
            updateMask: { paths: [path] },
          })
          .catch(() => undefined)
      }),
      ...lost.workflows.map(({ token }) =>
        service.respondWorkflowTaskFailed({ namespace: NAMESPACE, taskToken: Buffer.from(token, 'base64') }).catch(() => undefined),
      ),
    ])
  })
}
