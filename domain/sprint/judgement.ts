import type { Revision } from '../revision.ts'
import type { Refusal } from '../wait.ts'
import type { Release, SprintState } from './state.ts'

/** What an accepted command does: it changes the state, or it makes a ref (the workflow then reacts to the ref). */
export type Judgement =
  | { readonly ok: true; readonly state: SprintState; readonly text: string; readonly effects: readonly SprintEffect[] }
  | Refusal

export type SprintEffect =
  | { readonly kind: 'createBranch'; readonly name: string; readonly revision: Revision }
  | { readonly kind: 'createTag'; readonly name: string; readonly revision: Revision }
  | { readonly kind: 'mergeBack'; readonly release: Release }
  | { readonly kind: 'mergedAs'; readonly target: string; readonly revision: Revision }

/** A refusal with what would be possible now. */
export type No = (reason: string, kind?: Refusal['kind']) => Refusal
