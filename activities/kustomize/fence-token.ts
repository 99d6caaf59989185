import type { Fence } from '../contract.ts'
import type { Owner } from './ownership.ts'

/** The ConfigMap that keeps the environment's fence. Both names are in it: two projects may share a namespace. */
export function fenceName({ project, environment }: Owner): string {
  return `slipway-fence.${project}.${environment}`
}

/** Negative when `a` is older: the epoch decides, then the attempt. */
export function compareFences(a: Fence, b: Fence): number {
  return a.epoch - b.epoch || a.attempt - b.attempt
}

export function formatFence({ epoch, attempt }: Fence): string {
  return `${epoch}.${attempt}`
}

/** What a ConfigMap's data says; null when it is no fence. */
export function readFence(data: Readonly<Record<string, string>> | undefined): Fence | null {
  const epoch = data?.['epoch'] ?? ''
  const attempt = data?.['attempt'] ?? ''
  return /^\d{1,15}$/.test(epoch) && /^\d{1,15}$/.test(attempt) ? { epoch: Number(epoch), attempt: Number(attempt) } : null
}
