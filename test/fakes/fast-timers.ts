import type { WorkflowInterceptors } from '@temporalio/workflow'

/** How much faster than life timers run: three days take some seconds. */
const FASTER = 50_000

/** Bundled with the workflows where a test steers time. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      startTimer: (input, next) => next({ ...input, durationMs: Math.max(1, Math.round(input.durationMs / FASTER)) }),
    },
  ],
})
