import { getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow'

/**
 * Signals to other workflows that nobody waits for. They are level-triggered (the whole picture with a growing sequence),
 * so order and doubles do no harm, and an addressee that is not there has nothing to learn.
 */
export type Post = {
  readonly send: <Args extends readonly unknown[]>(workflowId: string, signal: SignalDefinition<[...Args]>, ...args: Args) => void
  /** True when nothing is on its way: then the workflow may continue as new. */
  readonly isEmpty: () => boolean
}

export function openPost(): Post {
  let underway = 0
  return {
    send: (workflowId, signal, ...args) => {
      underway++
      getExternalWorkflowHandle(workflowId)
        .signal(signal, ...args)
        .catch(() => undefined)
        .finally(() => {
          underway--
        })
    },
    isEmpty: () => underway === 0,
  }
}
