import type { HealthCheck } from '../../config/estate-schema.ts'
import type { AttemptContext } from '../context.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { pause } from '../pause.ts'
import type { Question } from './question.ts'
import { extend, isEnough, NONE, type Streak } from './streak.ts'

/** How often and for how long a question is asked. */
type Pace = Pick<HealthCheck, 'successes' | 'windowSeconds' | 'intervalSeconds' | 'timeoutSeconds'>

export type Check = { readonly question: Question; readonly pace: Pace }

/**
 * Asks all checks at once until each has had its good answers in a row, and says what was seen, a line each. One that
 * does not get there in time is a permanent `RolloutFailed` with the last answers as `{observed}`.
 */
export async function checkHealth(checks: readonly Check[], attempt: AttemptContext): Promise<readonly string[]> {
  if (checks.length === 0) return []
  return withHeartbeat(attempt, `asking ${checks.map(({ question }) => question.says).join(', ')}`, async (tell) => {
    const results = await Promise.all(checks.map((check) => checkOne(check, attempt.signal, tell)))
    const failed = results.find((each) => !each.healthy)
    if (!failed) return results.map((each) => each.line)
    throw permanent('RolloutFailed', `the health check ${failed.line}`, { observed: results.flatMap((each) => [each.line, ...each.last]) })
  })
}

type Result = { readonly healthy: boolean; readonly line: string; readonly last: readonly string[] }

async function checkOne({ question, pace }: Check, signal: AbortSignal, tell: (line: string) => void): Promise<Result> {
  const { says } = question
  const beganMs = performance.now()
  const intervalMs = pace.intervalSeconds * 1000
  const last: string[] = []
  let streak = NONE
  let bad = 0
  for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, intervalMs)) {
    const leftMs = Math.max(100, beganMs + pace.timeoutSeconds * 1000 - performance.now())
    const { isGood, words } = await question.ask(signal, leftMs)
    signal.throwIfAborted()
    const nowMs = performance.now()
    streak = extend(streak, isGood, nowMs)
    if (isGood && isEnough(streak, pace, nowMs)) {
      const before = bad === 0 ? '' : `; ${bad === 1 ? 'a bad answer' : `${bad} bad answers`} before, the last: ${last.at(-1)}`
      return {
        healthy: true,
        line: `${says} ${words}${inARow(streak, pace, nowMs)}, after ${inSeconds(nowMs - beganMs)}${before}`,
        last: [],
      }
    }
    if (!isGood) {
      bad++
      if (last.at(-1) !== words) last.push(words)
      if (last.length > 5) last.shift()
    }
    tell(`${says}: ${isGood ? soFar(streak, pace, nowMs) : words}`)
    if (nowMs - beganMs > pace.timeoutSeconds * 1000) {
      const short = isGood ? `only ${soFar(streak, pace, nowMs)}` : words
      return { healthy: false, line: `${says} did not answer well within ${pace.timeoutSeconds} s: ${short}`, last }
    }
    // Fast at first, for a service that is about to be up; good answers in a row lie the whole interval apart.
    await pause(streak.good > 0 ? intervalMs : pauseMs, signal)
  }
}

function inARow({ good, sinceMs }: Streak, { successes, windowSeconds }: Pace, nowMs: number): string {
  if (successes === 1 && !windowSeconds) return ''
  return `, ${good} times in a row${windowSeconds ? ` over ${inSeconds(nowMs - sinceMs)}` : ''}`
}

function soFar({ good, sinceMs }: Streak, { successes, windowSeconds }: Pace, nowMs: number): string {
  const over = windowSeconds ? `, over ${inSeconds(nowMs - sinceMs)} of ${windowSeconds} s` : ''
  return `${good} of ${successes} good answers in a row${over}`
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
