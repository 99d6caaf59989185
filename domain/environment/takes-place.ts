import { heldBy } from './lock.ts'
import { reservedBy } from './reservation.ts'
import { isSameSource } from './source.ts'
import type { DeployRequest, EnvironmentState, RunningDeployment, WaitingRequest } from './state.ts'

/** True when this would start as soon as the deployment that cannot go on is given up; where somebody approves, once they did. */
export function takesPlace(state: EnvironmentState, { request, stage }: WaitingRequest, running: RunningDeployment): boolean {
  if (!isSameSource(request, running.request) || heldBy(state, request) !== null || reservedBy(state, request) !== null) return false
  return state.settings?.guarded !== true || stage.kind === 'ready'
}

/** True when somebody asked for a way back that may begin now: nothing else begins before it. */
export function goesBackFirst(state: EnvironmentState, before?: DeployRequest): boolean {
  return state.waiting.some(({ request }) => request.rollback !== undefined && request.id !== before?.id && heldBy(state, request) === null)
}
