import type { HealthCheck } from '../../config/estate-schema.ts'
import type { AttemptContext } from '../context.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { pause } from '../pause.ts'
import { ask } from './ask.ts'
import { expectedOf, judgeAnswer, type DeployedFacts } from './judge-answer.ts'

/**
 * Asks all checks at once until each has had its good answers in a row, and says what was seen, a line each. One that
 * does not get there in time is a permanent `RolloutFailed` with the last answers as `{observed}`.
 */
export async function checkHealth(
  checks: readonly HealthCheck[],
  facts: DeployedFacts,
  attempt: AttemptContext,
): Promise<readonly string[]> {
  if (checks.length === 0) return []
  return withHeartbeat(attempt, `asking ${checks.map((each) => each.url).join(', ')}`, async (tell) => {
    const results = await Promise.all(checks.map((check) => checkOne(check, facts, attempt.signal, tell)))
    const failed = results.find((each) => !each.healthy)
    if (!failed) return results.map((each) => each.line)
    throw permanent('RolloutFailed', `the health check ${failed.line}`, { observed: results.flatMap((each) => [each.line, ...each.last]) })
  })
}

type Result = { readonly healthy: boolean; readonly line: string; readonly last: readonly string[] }

async function checkOne(check: HealthCheck, facts: DeployedFacts, signal: AbortSignal, tell: (line: string) => void): Promise<Result> {
  const expected = expectedOf(check, facts)
  const url = new URL(check.url)
  const began = performance.now()
  const last: string[] = []
  let inARow = 0
  for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, check.intervalSeconds * 1000)) {
    const wrong = judgeAnswer(await ask(url, signal), expected)
    signal.throwIfAborted()
    const after = `${((performance.now() - began) / 1000).toFixed(1)} s`
    inARow = wrong === null ? inARow + 1 : 0
    if (inARow >= check.successes) {
      const times = check.successes > 1 ? `, ${check.successes} times in a row` : ''
      return {
        healthy: true,
        line: `GET ${check.url} answered ${expected.status}${expected.contains === null ? '' : ` with ${JSON.stringify(expected.contains)}`}${times}, after ${after}`,
        last: [],
      }
    }
    if (wrong !== null) {
      tell(`GET ${check.url}: ${wrong}`)
      if (last.at(-1) !== wrong) last.push(wrong)
      if (last.length > 5) last.shift()
    }
    if (performance.now() - began > check.timeoutSeconds * 1000) {
      const short = wrong === null ? `only ${inARow} of ${check.successes} good answers in a row` : wrong
      return { healthy: false, line: `GET ${check.url} did not answer well within ${check.timeoutSeconds} s: ${short}`, last }
    }
    // Fast at first, for a service that is about to be up; good answers in a row lie the whole interval apart.
    await pause(inARow > 0 ? check.intervalSeconds * 1000 : pauseMs, signal)
  }
}
