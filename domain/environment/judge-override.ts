import type { Actor } from '../actor.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { denied, type Judged } from './judged.ts'
import { setStage } from './requests.ts'
import { isBlank } from './reason.ts'
import type { EnvironmentState, Lacks, Override, Preparation, WaitingRequest } from './state.ts'

/** A person lets a request replace what it does not contain. Like an approval it names the request and its hash. */
export type OverrideWish = {
  readonly request: string
  readonly hash: string
  readonly by: Actor
  readonly reason: string | null
  /** It is a freeze that is overridden, and not what it lacks; see judge-break-glass. */
  readonly freeze?: boolean
}

export function judgeOverride(state: EnvironmentState, wish: OverrideWish, now: number): Judged {
  const held = state.waiting.find((waiting) => waiting.request.id === wish.request)
  const refusal = refusalOf(state, held, wish)
  if (refusal !== null || held?.stage.kind !== 'held') {
    return denied(
      state,
      `override for ${wish.request.slice(0, 100)}`,
      wish.by,
      refusal ?? refuse(`no request ${wish.request} is held in ${state.name}`),
      now,
    )
  }
  const { preparation, lacks } = held.stage
  const override: Override = { by: wish.by, at: now, reason: wish.reason ?? '', replacesEpoch: preparation.replacesEpoch }
  const waiting = state.waiting.map((other) => (other === held ? { ...other, override } : other))
  const text = `${held.request.tag} may replace what it lacks (${lackOf(lacks)}) in ${state.name}`
  const next = setStage({ ...state, waiting }, wish.request, { kind: 'awaitingApproval', preparation }, now)
  return {
    state: { ...next, entries: recorded(next.entries, now, 'overridden', `${text}: ${override.reason}`, wish.by) },
    answer: { ok: true, text: `${text}; it waits for approval now` },
  }
}

export function lackOf({ tag, commits }: Lacks): string {
  return `${tag}, ${commits} commit${commits === 1 ? '' : 's'}`
}

function refusalOf(state: EnvironmentState, held: WaitingRequest | undefined, wish: OverrideWish): Refusal | null {
  const look = [`slipway env ${state.name}`]
  const right = authorise('override', wish.by, state.settings)
  if (right !== null) return right
  if (isBlank(wish.reason)) return refuse('an override needs a reason', look)
  if (held === undefined) return refuse(`no request ${wish.request} waits in ${state.name}`, look, 'notFound')
  if (held.stage.kind !== 'held') return refuse(`${wish.request} is not held in ${state.name}: it lacks nothing of what runs`, look)
  return otherHash(state, wish, held.stage.preparation)
}

/** What was looked at is not what waits by now. */
export function otherHash({ name }: EnvironmentState, { request, hash }: OverrideWish, { requestHash }: Preparation): Refusal | null {
  if (requestHash === hash) return null
  return refuse(
    `${request} has another hash (${requestHash.slice(0, 12)}…) than the one that was named (${hash.slice(0, 12)}…): look again`,
    [`slipway env ${name}`],
  )
}
