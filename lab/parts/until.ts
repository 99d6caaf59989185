import type { Layout } from '../layout.ts'
import { daemonRuns, lastWords, logFile } from '../machine/daemon.ts'
import { eventually } from '../machine/probe.ts'

/** Waits for a daemon to answer; gives up at once when it has died, and says what it said last. */
export async function untilItAnswers(layout: Layout, daemon: string, timeoutMs: number, answers: () => Promise<boolean>): Promise<void> {
  let died = false
  const settled = await eventually(async () => {
    if (await answers()) return true
    died = !(await daemonRuns(layout.state, daemon))
    return died
  }, timeoutMs)
  if (settled && !died) return
  const what = died ? 'died while starting' : `did not answer within ${timeoutMs / 1_000} s`
  throw new Error(
    `the lab's ${daemon} ${what}; its log ${logFile(layout.state, daemon)} ends with:\n${await lastWords(layout.state, daemon)}`,
  )
}
