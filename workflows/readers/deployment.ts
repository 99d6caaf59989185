import type { DeploymentReport } from '../../domain/environment/deployments.ts'
import type { LateRefusal } from '../../domain/environment/late-refusal.ts'
import type { Resolution } from '../../domain/environment/judge-resolve.ts'
import type { Choice, DeploymentStep } from '../../domain/environment/state.ts'
import type { Word } from '../../domain/signed.ts'
import type { StandDown } from '../messages.ts'
import { actor, name, signed } from './parts.ts'
import { count, flag, list, moment, nullable, object, oneOf, optional, tagged, text, type Reader } from './shape.ts'

/** What a deployment says to its environment, and the environment to it. */

type Said<Kind extends DeploymentReport['kind']> = Extract<DeploymentReport, { readonly kind: Kind }>

const step: Reader<DeploymentStep> = oneOf('starting', 'before', 'applying', 'verifying', 'after', 'restoring')
const choice: Reader<Choice> = oneOf('retry', 'skip', 'abort', 'rollback')

export const deploymentReport: Reader<DeploymentReport> = tagged<DeploymentReport, 'kind'>('kind', {
  progress: object<Said<'progress'>>({
    epoch: count,
    kind: oneOf('progress'),
    step,
    attempt: count,
    retry: nullable(object<NonNullable<Said<'progress'>['retry']>>({ reason: text, at: moment })),
  }),
  halted: object<Said<'halted'>>({
    epoch: count,
    kind: oneOf('halted'),
    number: count,
    step,
    hook: nullable(name),
    reason: text,
    observed: list(text),
    log: nullable(text),
    choices: list(choice),
  }),
  denied: object<Said<'denied'>>({ epoch: count, kind: oneOf('denied'), what: text, who: text, reason: text, nonce: optional(text) }),
  verified: object<Said<'verified'>>({ epoch: count, kind: oneOf('verified'), observed: list(text), kept: optional(count) }),
  failed: object<Said<'failed'>>({
    epoch: count,
    kind: oneOf('failed'),
    target: oneOf('intact', 'restored', 'broken'),
    step,
    reason: text,
    observed: list(text),
    log: nullable(text),
    heldEpoch: nullable(count),
    unhealthy: optional(flag),
    stopped: optional(flag),
  }),
})

/** From the worker of an attempt that nobody waits for any more. */
export const lateRefusal: Reader<LateRefusal> = object<LateRefusal>({ epoch: count, attempt: count, reason: text })

export const resolution: Reader<Resolution> = object<Resolution>({ epoch: count, halt: count, choice, by: actor, signed: optional(signed) })

export const standDown: Reader<StandDown> = object<StandDown>({
  reason: text,
  by: optional(actor),
  word: optional(object<Word>({ action: name, signed })),
})
