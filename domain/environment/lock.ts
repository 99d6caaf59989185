import { actorName, type Actor } from '../actor.ts'
import { recorded } from '../timeline.ts'
import { refuse } from '../wait.ts'
import { authorise } from './authorise.ts'
import { frozenFor, spokenFreeze } from './freeze.ts'
import { denied, type Judged } from './judged.ts'
import { isBlank } from './reason.ts'
import type { DeployRequest, EnvironmentState, Freeze, Hold } from './state.ts'

/**
 * Two ways to hold an environment. A lock: nothing is deployed there, by nobody, until it is taken off; a deployment that
 * runs already goes on to its end. A pin: automation changes nothing there, people may.
 */
export type HoldKind = 'lock' | 'pin'

export type HoldWish = { readonly by: Actor; readonly reason: string | null }

const WORDS = {
  lock: { on: 'locked', off: 'unlock', ended: 'unlocked' },
  pin: { on: 'pinned', off: 'unpin', ended: 'unpinned' },
} as const

export function judgeHold(state: EnvironmentState, kind: HoldKind, wish: HoldWish, now: number): Judged {
  const { name } = state
  const { on } = WORDS[kind]
  const held = state[kind]
  const refusal =
    authorise(kind, wish.by, state.settings) ??
    (isBlank(wish.reason) ? refuse(`a ${kind} needs a reason`, [`slipway ${kind} ${name} --reason …`]) : null) ??
    (held === null ? null : refuse(`${name} is ${spokenHold(kind, held)} already`, [takeOff(name, kind)]))
  if (refusal !== null) return denied(state, `the ${kind}`, wish.by, refusal, now)
  const reason = wish.reason ?? ''
  const entries = recorded(state.entries, now, on, `${name} is ${on}: ${reason}`, wish.by)
  return {
    state: { ...state, [kind]: { by: wish.by, at: now, reason }, entries },
    answer: { ok: true, text: `${name} is ${on}${after(state, kind)}` },
  }
}

/** Whoever takes off what somebody else put on says why. */
export function judgeRelease(state: EnvironmentState, kind: HoldKind, wish: HoldWish, now: number): Judged {
  const { name } = state
  const { on, off, ended } = WORDS[kind]
  const held = state[kind]
  const refusal =
    authorise(off, wish.by, state.settings) ??
    (held === null ? refuse(`${name} is not ${on}`, [`slipway env ${name}`]) : null) ??
    (held !== null && held.by.name !== wish.by.name && isBlank(wish.reason)
      ? refuse(`${name} is ${spokenHold(kind, held)}; to take off what somebody else put on needs a reason`, [
          `${takeOff(name, kind)} --reason …`,
        ])
      : null)
  if (refusal !== null) return denied(state, `taking off the ${kind}`, wish.by, refusal, now)
  const text = `${name} is ${ended}`
  const entries = recorded(state.entries, now, ended, isBlank(wish.reason) ? text : `${text}: ${wish.reason}`, wish.by)
  return { state: { ...state, [kind]: null, entries }, answer: { ok: true, text } }
}

/** What keeps a request from starting: somebody's word, or the calendar. */
export type HeldBy = { readonly kind: HoldKind; readonly hold: Hold } | { readonly kind: 'freeze'; readonly freeze: Freeze }

/** Null when nothing of the kind keeps it. */
export function heldBy(state: EnvironmentState, request: DeployRequest): HeldBy | null {
  const held = heldByPeople(state, request)
  if (held !== null) return held
  const freeze = frozenFor(state, request)
  return freeze === null ? null : { kind: 'freeze', freeze }
}

export function heldByPeople(state: EnvironmentState, request: DeployRequest): Extract<HeldBy, { hold: Hold }> | null {
  if (state.lock !== null) return { kind: 'lock', hold: state.lock }
  return state.pin !== null && request.by.kind === 'automation' ? { kind: 'pin', hold: state.pin } : null
}

/** What a wait for it is called. */
export function heldWait(kind: HeldBy['kind']): 'locked' | 'pinned' | 'freeze' {
  return kind === 'freeze' ? kind : holdWait(kind)
}

/** How the environment is, for a person: `locked by anne: …`, `frozen by weekend, until …`. */
export function spokenHeld(held: HeldBy): string {
  return held.kind === 'freeze' ? spokenFreeze(held.freeze) : spokenHold(held.kind, held.hold)
}

/** What ends it. */
export function heldEnd({ name }: EnvironmentState, { kind }: HeldBy, request: DeployRequest): string {
  if (kind !== 'freeze') return `${takeOff(name, kind)} ends that`
  return `it begins by itself then; slipway override ${name} ${request.id} --freeze --reason … lets it begin now`
}

/** What a wait for somebody's word is called. */
export function holdWait(kind: HoldKind): 'locked' | 'pinned' {
  return WORDS[kind].on
}

/** `locked by anne: the database is moved`. */
export function spokenHold(kind: HoldKind, { by, reason }: Hold): string {
  return `${WORDS[kind].on} by ${actorName(by)}: ${reason}`
}

/** The command that takes it off. */
export function takeOff(environment: string, kind: HoldKind): string {
  return `slipway ${WORDS[kind].off} ${environment}`
}

function after(state: EnvironmentState, kind: HoldKind): string {
  const goesOn = state.running === null ? '' : `; ${state.running.request.tag} is being deployed and goes on to its end`
  return kind === 'lock'
    ? `: nothing is deployed there until slipway unlock ${state.name}${goesOn}`
    : `: automation changes nothing there${goesOn}`
}
