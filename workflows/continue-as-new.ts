import { allHandlersFinished, workflowInfo } from '@temporalio/workflow'

/**
 * True when the history has grown so long that the workflow should go on in a new run: when the server suggests it, or at
 * `afterEvents` where an operator set one. Only then, with all handlers finished and nothing of its own under way.
 */
export function historyIsLong(afterEvents: number | undefined): boolean {
  const info = workflowInfo()
  return info.continueAsNewSuggested || (afterEvents !== undefined && info.historyLength >= afterEvents)
}

export function isIdle(...under: readonly boolean[]): boolean {
  return allHandlersFinished() && under.every((idle) => idle)
}
