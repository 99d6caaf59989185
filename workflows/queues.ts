/** The task queues: one worker may serve all of them, a larger team runs a worker for each. */

export const MAIN_QUEUE = 'slipway'
export const BUILD_QUEUE = 'slipway-build'

export function deployQueue(environment: string): string {
  return `slipway-deploy-${environment}`
}
