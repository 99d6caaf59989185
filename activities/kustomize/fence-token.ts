import type { Fence } from '../contract.ts'
import { isAnother, isIdentity } from '../overtaken.ts'
import type { Manifest } from './manifests.ts'
import { FENCE, IDENTITY, setMetadata, type Owner } from './ownership.ts'

/** The ConfigMap that keeps the environment's fence. Both names are in it: two projects may share a namespace. */
export function fenceName({ project, environment }: Owner): string {
  return `slipway-fence.${project}.${environment}`
}

export function formatFence({ epoch, attempt }: Fence): string {
  return `${epoch}.${attempt}`
}

/** For a person: with whose epoch it is, where the numbers do not tell. */
export function spokenFence(fence: Fence, other: Fence): string {
  return isAnother(fence, other) ? `${formatFence(fence)} of the snapshot ${fence.identity}` : formatFence(fence)
}

/** Puts the token on what is sent. */
export function markFence(manifest: Manifest, fence: Fence): void {
  setMetadata(manifest, 'annotations', FENCE, formatFence(fence))
  if (fence.identity !== undefined) setMetadata(manifest, 'annotations', IDENTITY, fence.identity)
}

/** What a ConfigMap's data says; null when it is no fence. */
export function readFence(data: Readonly<Record<string, string>> | undefined): Fence | null {
  const epoch = data?.['epoch'] ?? ''
  const attempt = data?.['attempt'] ?? ''
  const identity = data?.['identity']
  if (!/^\d{1,15}$/.test(epoch) || !/^\d{1,15}$/.test(attempt) || (identity !== undefined && !isIdentity(identity))) return null
  return { epoch: Number(epoch), attempt: Number(attempt), ...(identity === undefined ? {} : { identity }) }
}
