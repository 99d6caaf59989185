import { condition, getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow'

/** Signals to other workflows. */
export type Post = {
  /**
   * For what nobody waits for: level-triggered (the whole picture with a growing sequence), so doubles do no harm, and an
   * addressee that is not there has nothing to learn. What goes to one addressee arrives in order.
   */
  readonly send: <Args extends readonly unknown[]>(workflowId: string, signal: SignalDefinition<[...Args]>, ...args: Args) => void
  /** For what is said once: tried again until it arrives or is not wanted any more. True when it arrived. */
  readonly deliver: <Message>(
    workflowId: string,
    signal: SignalDefinition<[Message]>,
    message: Message,
    isWanted: () => boolean,
  ) => Promise<boolean>
  /** True when nothing is on its way: then the workflow may continue as new. */
  readonly isEmpty: () => boolean
}

const LONGEST_PAUSE_MS = 600_000

export function openPost(): Post {
  const newest = new Map<string, Promise<void>>()
  let delivering = 0
  return {
    send: (workflowId, signal, ...args) => {
      const before = newest.get(workflowId)
      const go = () => getExternalWorkflowHandle(workflowId).signal(signal, ...args)
      const sent = (before === undefined ? go() : before.then(go))
        .catch(() => undefined)
        .finally(() => {
          if (newest.get(workflowId) === sent) newest.delete(workflowId)
        })
      newest.set(workflowId, sent)
    },
    deliver: async (workflowId, signal, message, isWanted) => {
      delivering++
      try {
        for (let pauseMs = 1000; isWanted(); pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
          try {
            await getExternalWorkflowHandle(workflowId).signal(signal, message)
            return true
          } catch {
            await condition(() => !isWanted(), pauseMs)
          }
        }
        return false
      } finally {
        delivering--
      }
    },
    isEmpty: () => newest.size === 0 && delivering === 0,
  }
}
