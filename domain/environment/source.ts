import type { DeployRequest } from './state.ts'

/** True for two requests of which the later one takes the place of the earlier. */
export function isSameSource(a: DeployRequest, b: DeployRequest): boolean {
  return a.version === b.version || isSameSender(a, b) || (isOfNone(a, b) && branchOf(a.tag) === branchOf(b.tag))
}

/** Without a sprint the branch tells: also what a person asked for again came from there. */
function isOfNone(a: DeployRequest, b: DeployRequest): boolean {
  return (a.version === null || b.version === null) && branchOf(a.tag) !== null
}

/** `develop` of `develop.1a2b3c4d`; null for a git tag. */
function branchOf(imageTag: string): string | null {
  return /^(.+)\.[0-9a-f]{8}$/.exec(imageTag)?.[1] ?? null
}

export function isSameSender(a: DeployRequest, b: DeployRequest): boolean {
  return a.by.kind === 'automation' && b.by.kind === 'automation' && a.by.name === b.by.name
}
