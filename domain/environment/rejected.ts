import { isSameSource } from './source.ts'
import type { DeployRequest, EnvironmentState } from './state.ts'

const KEPT_REJECTED = 5

type Rejected = EnvironmentState['rejected']

/** It ended without running here, and can still be asked for: the newest of each source. */
export function withRejected(rejected: Rejected, request: DeployRequest): Rejected {
  return [request, ...withoutSource(rejected, request)].slice(0, KEPT_REJECTED)
}

/** Something newer of the same source takes its place. */
export function withoutSource(rejected: Rejected, by: DeployRequest): Rejected {
  return rejected.some((other) => isSameSource(other, by)) ? rejected.filter((other) => !isSameSource(other, by)) : rejected
}
