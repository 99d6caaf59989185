import { cut } from '../cut.ts'
import { recorded } from '../timeline.ts'
import type { DeployRequest, EnvironmentState, Freeze, WaitingRequest } from './state.ts'

/** What a worker says of the freeze of an environment: its estate, its clock and its time zones. */
export type FreezeAnswer = Omit<Freeze, 'at' | 'again' | 'since' | 'problem'>

/** The estate may change meanwhile, and the time zones of a worker: asked again at least so often. */
const LONGEST_MS = 3_600_000
const SHORTEST_MS = 1_000
const AFTER_PROBLEM_MS = 60_000
/** So long what was told is taken for what is. */
const FRESH_MS = 5_000
const LONGEST_REASON = 300

/** Nobody ever said that it is frozen; it is not taken for what is, being of long ago. */
const NOT_TOLD: Freeze = { open: true, windows: [], until: null, untilWords: null, rollbacks: 'held', at: 0, again: 0, since: 0 }

export function absorbFreeze(state: EnvironmentState, answer: FreezeAnswer, now: number): EnvironmentState {
  const before = state.freeze
  const changed = (before?.open ?? true) !== answer.open
  const again = Math.max(now + SHORTEST_MS, Math.min(answer.until ?? Infinity, now + LONGEST_MS))
  const freeze: Freeze = { ...answer, at: now, again, since: changed || before === null ? now : before.since }
  if (!changed) return { ...state, freeze }
  const [event, text] = answer.open
    ? ['opened', `${state.name} is not frozen any more`]
    : ['frozen', `${state.name} is ${spokenFreeze(freeze)}`]
  return { ...state, freeze, entries: recorded(state.entries, now, event, text) }
}

/** It cannot be told now: what was known holds on, and it is asked again soon. */
export function absorbNoFreeze(state: EnvironmentState, reason: string, now: number): EnvironmentState {
  const known = state.freeze ?? NOT_TOLD
  return { ...state, freeze: { ...known, again: now + AFTER_PROBLEM_MS, problem: cut(reason, LONGEST_REASON) } }
}

/** What keeps a request from beginning; null where nothing of the kind does, as far as is known. */
export function frozenFor(state: EnvironmentState, request: DeployRequest): Freeze | null {
  const { freeze } = state
  if (freeze === null || freeze.open || passes(state, request)) return null
  const waiting = state.waiting.find((other) => other.request.id === request.id)
  const glass = waiting === undefined ? null : brokenGlass(waiting)
  // Who broke one freeze said nothing of the next.
  return glass !== null && freeze.windows.every(({ name }) => glass.windows.includes(name)) ? null : freeze
}

/** Somebody's word that it may begin all the same, as long as it is what they saw. */
export function brokenGlass({ breakGlass, stage }: WaitingRequest): NonNullable<WaitingRequest['breakGlass']> | null {
  if (breakGlass === undefined || !('preparation' in stage)) return null
  return stage.preparation.requestHash === breakGlass.hash ? breakGlass : null
}

/** A way back passes, unless the estate says otherwise. */
function passes({ settings, freeze }: EnvironmentState, { rollback }: DeployRequest): boolean {
  return rollback !== undefined && (freeze?.rollbacks ?? settings?.freeze?.rollbacks ?? 'pass') === 'pass'
}

/** True when a worker has to be asked before this may begin. */
export function mustAskFreeze(state: EnvironmentState, request: DeployRequest, now: number): boolean {
  const { settings, freeze } = state
  if (settings?.freeze === undefined && freeze?.open !== false) return false
  if (request.rollback !== undefined && settings?.freeze?.rollbacks !== 'held') return false
  return freeze === null || now - freeze.at > FRESH_MS || (freeze.until !== null && freeze.until <= now)
}

/** A way back that may have to wait stops nothing before it is known that it may begin. */
export function mayStopFor(state: EnvironmentState, request: DeployRequest): boolean {
  if (state.settings?.freeze?.rollbacks !== 'held') return true
  return state.freeze !== null && state.freeze.at >= request.at && frozenFor(state, request) === null
}

/** True while something waits for the end of a freeze, or for word whether there is one. */
export function waitsForFreeze(state: EnvironmentState): boolean {
  return state.waiting.some(
    ({ request, stage }) => stage.kind === 'ready' && (frozenFor(state, request) !== null || isUnknownTo(state, request)),
  )
}

/** When a worker is to be asked again, for what waits. */
export function askFreezeAt(state: EnvironmentState): number {
  const { freeze } = state
  if (freeze === null) return 0
  const isUnknown = freeze.problem === undefined && state.waiting.some(({ request }) => isUnknownTo(state, request))
  return isUnknown ? 0 : freeze.again
}

function isUnknownTo(state: EnvironmentState, request: DeployRequest): boolean {
  if (request.rollback === undefined || state.running === null || state.settings?.freeze?.rollbacks !== 'held') return false
  return state.freeze === null || state.freeze.at < request.at
}

/** `frozen by weekend (nobody is there) until 2026-11-30 08:00 Europe/Berlin`. */
export function spokenFreeze({ windows, untilWords, problem }: Freeze): string {
  const names = windows.map(({ name, reason }) => (reason === undefined ? name : `${name} (${reason})`)).join(', ')
  const how = windows[0]?.kind === 'allow' ? `frozen outside of ${names}` : `frozen by ${names}`
  const why = problem === undefined ? '' : `; whether it still is cannot be told: ${problem}`
  return `${how}, ${untilWords === null ? 'for more than a year' : `until ${untilWords}`}${why}`
}
