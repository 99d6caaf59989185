import type { Phase } from './phase.ts'

/** What a person can say to a sprint. Approve, reject, sign off and retry are said to an environment. */
export type SprintCommand =
  | { readonly kind: 'addFeature'; readonly branch: string }
  | { readonly kind: 'removeFeature'; readonly branch: string }
  | { readonly kind: 'settleFeature'; readonly branch: string; readonly revision: string | null }
  | { readonly kind: 'cut'; readonly without: readonly string[] }
  | { readonly kind: 'tag'; readonly revision: string | null }
  | { readonly kind: 'abort'; readonly reason: string }

export type SprintCommandKind = SprintCommand['kind']

export const SPRINT_COMMANDS: readonly SprintCommandKind[] = ['addFeature', 'removeFeature', 'settleFeature', 'cut', 'tag', 'abort']

/** Whether a command has a meaning in a phase, and if not, why. The whole table: every phase has an answer to every command. */
export function phaseAllows(
  phase: Phase,
  kind: SprintCommandKind,
): { readonly allowed: true } | { readonly allowed: false; readonly because: string } {
  const no = (because: string) => ({ allowed: false, because }) as const
  const yes = { allowed: true } as const
  if (phase === 'aborted') return no('the sprint was aborted')
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
          return yes
        case 'releasing':
          return no('a tag of it is being released already')
        case 'live':
          return no('it is live; changed code on the release branch is a hotfix')
        default:
          return phase satisfies never
      }
    case 'abort':
      return yes
    default:
      return kind satisfies never
  }
}
