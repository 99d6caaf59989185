import type { Moments } from '../history/moments.ts'

/** A part of the way from push to served: who had the time, and between which moments. */
export type Stretch = { readonly name: string; readonly kind: 'git' | 'Temporal' | 'work'; readonly from: string; readonly to: string }

/** Of one delivery by Slipway, in order and without a gap. */
export const SLIPWAY: readonly Stretch[] = [
  { name: 'push, hook, hint', kind: 'git', from: 'begun', to: 'hinted' },
  { name: 'hint → look', kind: 'Temporal', from: 'hinted', to: 'look started' },
  { name: 'look at the remote', kind: 'work', from: 'look started', to: 'look ended' },
  { name: 'look → plan (starts the build)', kind: 'Temporal', from: 'look ended', to: 'plan started' },
  { name: 'plan the build', kind: 'work', from: 'plan started', to: 'plan ended' },
  { name: 'plan → build', kind: 'Temporal', from: 'plan ended', to: 'build started' },
  { name: 'build and push', kind: 'work', from: 'build started', to: 'build ended' },
  { name: 'build → name (reports)', kind: 'Temporal', from: 'build ended', to: 'name started' },
  { name: 'name the images', kind: 'work', from: 'name started', to: 'name ended' },
  { name: 'name → prepare (hands over)', kind: 'Temporal', from: 'name ended', to: 'prepare started' },
  { name: 'prepare (render)', kind: 'work', from: 'prepare started', to: 'prepare ended' },
  { name: 'prepare → apply (starts the deployment)', kind: 'Temporal', from: 'prepare ended', to: 'apply started' },
  { name: 'apply begun → served', kind: 'work', from: 'apply started', to: 'served' },
]

/** What is not waited for by whoever asks the service. */
export const SLIPWAY_BESIDE: readonly Stretch[] = [
  { name: 'apply, whole', kind: 'work', from: 'apply started', to: 'apply ended' },
  { name: 'apply → verify', kind: 'Temporal', from: 'apply ended', to: 'verify started' },
  { name: 'verify, whole', kind: 'work', from: 'verify started', to: 'verify ended' },
]

export const BY_HAND: readonly Stretch[] = [
  { name: 'git push', kind: 'git', from: 'begun', to: 'pushed' },
  { name: 'docker build', kind: 'work', from: 'pushed', to: 'built' },
  { name: 'docker push', kind: 'work', from: 'built', to: 'stored' },
  { name: 'ssh begun → served', kind: 'work', from: 'stored', to: 'served' },
]

/** Of a rollback by Slipway, in order and without a gap; the last one is not waited for by whoever asks the service. */
export const ROLLBACK: readonly Stretch[] = [
  { name: 'the command: Node, a query, the update; start of the deployment', kind: 'work', from: 'begun', to: 'started' },
  { name: 'start → apply', kind: 'Temporal', from: 'started', to: 'apply started' },
  { name: 'apply begun → served', kind: 'work', from: 'apply started', to: 'served' },
  { name: 'served → verified', kind: 'work', from: 'served', to: 'verify ended' },
]

/** @returns null where one of its moments was not seen */
export function lengthOf({ from, to }: Stretch, moments: Moments): number | null {
  const begin = from === 'begun' ? 0 : moments[from]
  const end = moments[to]
  return begin === undefined || end === undefined ? null : Math.round(end - begin)
}

/** Milliseconds of all stretches of one kind. */
export function total(kind: Stretch['kind'], moments: Moments): number {
  return SLIPWAY.filter((stretch) => stretch.kind === kind).reduce((sum, stretch) => sum + (lengthOf(stretch, moments) ?? 0), 0)
}
