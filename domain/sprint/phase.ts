/** Where a sprint stands on its way from develop to production. */
export type Phase =
  | 'integrating'
  | 'stabilising'
  | 'releasing'
  | 'live'
  | 'hotfixing'
  | 'rolledBack'
  | 'mergingBack'
  | 'finished'
  | 'aborted'

export const PHASES: readonly Phase[] = [
  'integrating',
  'stabilising',
  'releasing',
  'live',
  'hotfixing',
  'rolledBack',
  'mergingBack',
  'finished',
  'aborted',
]

/** True when the sprint's workflow is over. */
export function isOver(phase: Phase): boolean {
  return phase === 'finished' || phase === 'aborted'
}
