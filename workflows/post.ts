import { condition, getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow'

/** Signals to other workflows. What goes to one addressee arrives in order. */
export type Post = {
  /**
   * For what nobody waits for: level-triggered (the whole picture with a growing sequence), so doubles do no harm, and an
   * addressee that is not there has nothing to learn.
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
  const newest = new Map<string, Promise<unknown>>()
  const inOrder = <T>(workflowId: string, go: () => Promise<T>): Promise<T> => {
    const before = newest.get(workflowId)
    const gone = before === undefined ? go() : before.then(go)
    const settled: Promise<unknown> = gone
      .catch(() => undefined)
      .finally(() => {
        if (newest.get(workflowId) === settled) newest.delete(workflowId)
      })
    newest.set(workflowId, settled)
    return gone
  }
  return {
    send: (workflowId, signal, ...args) => {
      inOrder(workflowId, () => getExternalWorkflowHandle(workflowId).signal(signal, ...args)).catch(() => undefined)
    },
    deliver: (workflowId, signal, message, isWanted) =>
      inOrder(workflowId, async () => {
        for (let pauseMs = 1000; isWanted(); pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
          try {
            await getExternalWorkflowHandle(workflowId).signal(signal, message)
            return true
          } catch {
            await condition(() => !isWanted(), pauseMs)
          }
        }
        return false
      }),
    isEmpty: () => newest.size === 0,
  }
}
