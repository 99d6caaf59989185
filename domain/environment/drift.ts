import { cut } from '../cut.ts'
import { recorded } from '../timeline.ts'
import type { Wait } from '../wait.ts'
import type { EnvironmentState } from './state.ts'

/** Something of what was applied that is otherwise on the target by now. */
export type Drift = {
  /** `deployment/website`, or `service website` of a compose target. */
  readonly object: string
  /** `.spec.replicas`; null when the object itself is missing, or there and not wanted. */
  readonly field: string | null
  readonly expected: string
  readonly found: string
  /** Who changed it last and when (milliseconds since 1970), as far as the target knows. */
  readonly by: string | null
  readonly at: number | null
}

/** What the newest look at the target saw, for as long as the same deployment is verified there. */
export type DriftSeen = {
  /** When it was looked at last, and what was verified there then. */
  readonly at: number
  readonly epoch: number
  /** At most 20, and how many more there are. */
  readonly findings: readonly Drift[]
  readonly left: number
  /** Since when something differs; null when nothing does. */
  readonly since: number | null
  /** Why the newest look did not succeed: the findings are those of the one before. */
  readonly problem: string | null
}

const KEPT_FINDINGS = 20
const LONGEST = { object: 150, field: 200, value: 120, by: 80, problem: 300 }

/** A look that came to an end. The record tells when drift appears, changes or is gone, not each look. */
export function absorbDrift(
  state: EnvironmentState,
  { drift, left }: { readonly drift: readonly Drift[]; readonly left: number },
  now: number,
): EnvironmentState {
  const epoch = state.current?.epoch
  if (epoch === undefined) return state
  const findings = drift.slice(0, KEPT_FINDINGS).map(boundedDrift)
  const before = seenDrift(state)
  const seen: DriftSeen = {
    at: now,
    epoch,
    findings,
    left: left + drift.length - findings.length,
    since: findings.length === 0 ? null : (before?.since ?? now),
    problem: null,
  }
  const known = { ...state, drift: seen }
  if (isSame(before, findings.length === 0 ? null : seen)) return known
  const entries =
    findings.length === 0
      ? recorded(state.entries, now, 'driftGone', `what lives in ${state.name} is what was applied again`)
      : recorded(state.entries, now, 'drifted', driftSentence(seen))
  return { ...known, entries }
}

/** A look that failed says nothing of the target: what was seen before stands, with the reason. */
export function absorbNoDrift(state: EnvironmentState, reason: string, now: number): EnvironmentState {
  const { current, drift } = state
  if (current === null) return state
  const problem = cut(reason, LONGEST.problem)
  const none = { at: now, epoch: current.epoch, findings: [], left: 0, since: null }
  return { ...state, drift: { ...(drift?.epoch === current.epoch ? drift : none), problem } }
}

/** What differs from what is verified here now; null when nothing is known to. */
export function seenDrift({ drift, current }: EnvironmentState): DriftSeen | null {
  return drift !== null && drift.findings.length > 0 && drift.epoch === current?.epoch ? drift : null
}

/** For the list of what an environment waits for: it ends by what puts it back, or by what applies it otherwise. */
export function driftWait(state: EnvironmentState): Wait[] {
  const seen = state.running === null ? seenDrift(state) : null
  return seen === null ? [] : [{ kind: 'drift', detail: driftSentence(seen), since: seen.since ?? seen.at, environment: state.name }]
}

/** What puts there again what was applied. */
export function mendCommand(state: EnvironmentState): string {
  return `slipway rollback ${state.name} --to ${state.current?.epoch ?? 0} --reason …`
}

/** `drifted: deployment/website .spec.replicas is 5 instead of 2, last changed by kubectl-edit at 2026-11-25T22:00:00Z`. */
function driftSentence({ findings, left }: DriftSeen): string {
  const [first] = findings
  const more = findings.length - 1 + left
  return `drifted: ${first === undefined ? '' : driftPhrase(first)}${more === 0 ? '' : `; and ${more} more`}`
}

export function driftPhrase({ object, field, expected, found, by, at }: Drift): string {
  const what = field === null ? `${object} is ${found}` : `${object} ${field} is ${found} instead of ${expected}`
  const when = at === null ? '' : ` at ${new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')}`
  return by === null ? `${what}${at === null ? '' : `, changed${when}`}` : `${what}, last changed by ${by}${when}`
}

function isSame(a: DriftSeen | null, b: DriftSeen | null): boolean {
  const key = (seen: DriftSeen | null) =>
    seen === null
      ? ''
      : JSON.stringify([seen.left, seen.findings.map(({ object, field, expected, found }) => [object, field, expected, found])])
  return key(a) === key(b)
}

/** Names and values come from a target: they must not make a message or a state grow without bound. */
export function boundedDrift({ object, field, expected, found, by, at }: Drift): Drift {
  return {
    object: cut(object, LONGEST.object),
    field: field === null ? null : cut(field, LONGEST.field),
    expected: cut(expected, LONGEST.value),
    found: cut(found, LONGEST.value),
    by: by === null ? null : cut(by, LONGEST.by),
    at,
  }
}
