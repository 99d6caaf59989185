import { hashOf } from '../../config/hash.ts'
import type { Fence } from '../contract.ts'
import { essenceOf, withoutNotes } from './essence.ts'
import type { Live } from './live.ts'

/** An object that was planned against: where it lies, and what it was, null when it was not there. */
export type Seen = { readonly path: string; readonly live: Live | null }

/**
 * Stands for the state of the cluster that was planned against. What a status says, which changes with every pod, is not
 * in it; what anybody decides about an object is, and so is that another object took its name.
 */
export function basisOf(held: Fence | null, objects: readonly Seen[]): string {
  const seen = objects.map(({ path, live }) => [path, live && identityOf(live)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return hashOf({ held: held && [held.epoch, held.attempt], seen })
}

function identityOf(live: Live): unknown {
  // A hash over its values could be guessed; and a Secret has no status, so that only a change of it makes a new version.
  if (live.kind === 'Secret') return [live.metadata.uid ?? '', live.metadata.resourceVersion ?? '']
  return withoutNotes(essenceOf(live))
}
