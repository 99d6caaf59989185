import type { Phase } from './phase.ts'

/** What a person can say to a sprint. Approve, reject, sign off and retry are said to an environment. */
export type SprintCommand =
  | { readonly kind: 'addFeature'; readonly branch: string }
  | { readonly kind: 'removeFeature'; readonly branch: string }
  | { readonly kind: 'settleFeature'; readonly branch: string; readonly revision: string | null }
  | { readonly kind: 'cut'; readonly without: readonly string[] }
  | { readonly kind: 'tag'; readonly revision: string | null }
  | { readonly kind: 'hotfix' }
  /** Merge back; or, while that waits for a person: the commit by which the release came to a branch. */
  | { readonly kind: 'finish'; readonly mergedAs: string | null; readonly target: string | null }
  | { readonly kind: 'abort'; readonly reason: string }

export type SprintCommandKind = SprintCommand['kind']

export const SPRINT_COMMANDS: readonly SprintCommandKind[] = [
  'addFeature',
  'removeFeature',
  'settleFeature',
  'cut',
  'tag',
  'hotfix',
  'finish',
  'abort',
]

/** Whether a command has a meaning in a phase, and if not, why. The whole table: every phase has an answer to every command. */
export function phaseAllows(
  phase: Phase,
  kind: SprintCommandKind,
): { readonly allowed: true } | { readonly allowed: false; readonly because: string } {
  const no = (because: string) => ({ allowed: false, because }) as const
  const yes = { allowed: true } as const
  if (phase === 'aborted') return no('the sprint was aborted')
  if (phase === 'finished') return no('it is finished: what was released is merged back')
  switch (kind) {
    case 'addFeature':
    case 'removeFeature':
    case 'settleFeature':
      return phase === 'integrating'
        ? yes
        : no('its features were fixed when the release branch was cut; list the feature in the next sprint')
    case 'cut':
      return phase === 'integrating' ? yes : no('its release branch is cut already')
    case 'tag':
      switch (phase) {
        case 'integrating':
          return no('there is no release branch yet; cut it first')
        case 'stabilising':
        case 'hotfixing':
          return yes
        case 'releasing':
          return no('a tag of it is being released already')
        case 'live':
        case 'rolledBack':
        case 'mergingBack':
          return no('what is on its release branch is released; changed code there is a hotfix')
        default:
          return phase satisfies never
      }
    case 'hotfix':
      switch (phase) {
        case 'live':
        case 'rolledBack':
        case 'mergingBack':
        case 'hotfixing':
          return yes
        case 'integrating':
        case 'stabilising':
          return no('it has no release to fix yet; a bugfix goes to its release branch')
        case 'releasing':
          return no('its release is on the way; reject it, or wait until it is live')
        default:
          return phase satisfies never
      }
    case 'finish':
      switch (phase) {
        case 'live':
        case 'mergingBack':
        case 'hotfixing':
          return yes
        case 'rolledBack':
          return no('it was rolled back; what does not run is not merged back')
        case 'integrating':
        case 'stabilising':
        case 'releasing':
          return no('it is not live yet')
        default:
          return phase satisfies never
      }
    case 'abort':
      return yes
    default:
      return kind satisfies never
  }
}
