import { getExternalWorkflowHandle, sleep, type SignalDefinition } from '@temporalio/workflow'

/**
 * How long work reports its end to: by workflow id, for the addressee may have continued as new while the work took days.
 * Tried again for a while when nobody runs under that id; the result stays in the history in any case.
 */
export async function reportBack<Report>(workflowId: string, signal: SignalDefinition<[Report]>, report: Report): Promise<Report> {
  const addressee = getExternalWorkflowHandle(workflowId)
  for (let pauseMs = 1000; ; pauseMs *= 2) {
    try {
      await addressee.signal(signal, report)
      return report
    } catch {
      if (pauseMs > 60_000) return report
      await sleep(pauseMs, { summary: `${workflowId} does not run; report again` })
    }
  }
}
