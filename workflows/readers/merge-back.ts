import type { MergeBackReport, MergeTarget } from '../../domain/merge-back/state.ts'
import type { Spoken } from '../messages.ts'
import type { Actor } from '../../domain/actor.ts'
import { actor, branch, imageTag, name, revision, signed } from './parts.ts'
import { count, flag, list, moment, nullable, object, oneOf, optional, tagged, text, type Reader } from './shape.ts'

/** What a sprint and its merge-back say to each other. */

type Status = MergeTarget['status']
type In<Kind extends Status['kind']> = Extract<Status, { readonly kind: Kind }>

const status: Reader<Status> = tagged<Status, 'kind'>('kind', {
  open: object<In<'open'>>({ kind: oneOf('open') }),
  retry: object<In<'retry'>>({ kind: oneOf('retry'), reason: text, nextTryAt: optional(moment) }),
  person: object<In<'person'>>({
    kind: oneOf('person'),
    why: oneOf('conflict', 'protected', 'absent', 'failed'),
    reason: text,
    steps: list(text),
    branch: nullable(name),
    mergeRequest: nullable(object<NonNullable<In<'person'>['mergeRequest']>>({ number: count, url: text })),
  }),
  done: object<In<'done'>>({ kind: oneOf('done'), how: oneOf('merged', 'merge', 'squash', 'person'), tip: revision }),
  stopped: object<In<'stopped'>>({ kind: oneOf('stopped') }),
})

const target = object<MergeTarget>({
  branch: name,
  younger: flag,
  status,
  since: moment,
  mergedAs: nullable(revision),
  refused: optional(text),
})

export const mergeBackReport: Reader<MergeBackReport> = object<MergeBackReport>({
  tag: imageTag,
  sequence: count,
  targets: list(target),
  stopped: nullable(text),
  ended: flag,
})

export const stopped: Reader<{ reason: string }> = object<{ reason: string }>({ reason: text })

export const branches: Reader<{ branches: readonly string[] }> = object<{ branches: readonly string[] }>({ branches: list(branch) })

export type MergedAs = Spoken<{ readonly target: string; readonly revision: string; readonly by: Actor }>

export const mergedAs: Reader<MergedAs> = object<MergedAs>({ target: branch, revision, by: actor, signed: optional(signed) })
