import type { ApplicationFailure } from '@temporalio/common'
import type { StoredContent } from '../contract.ts'
import { permanent, transient } from '../failure.ts'
import { shownLine, type BuildLog } from './build-log.ts'
import { DISK_FULL, judgeEngineWords, wordsFailure } from './engine-failure.ts'

/** The details of a `BuildFailed`. */
export type BuildFailedDetails = { readonly log: StoredContent | null; readonly lastLines: readonly string[] }

const SHOWN_LINES = 6

/** The failure for a Dockerfile step that failed; the words of a command that ran are the team's, and are not judged. */
export function stepFailure(
  input: { service: string; step: string | null; error: string; registry: string },
  log: BuildLog,
  stored: StoredContent | null,
): ApplicationFailure {
  const error = shownLine(input.error)
  const ran = /returned a non-zero code: \d+$/.test(error)
  if (!ran) {
    const outside = wordsFailure(error, `build the image of ${input.service}`, input.registry)
    if (outside) return outside
  }
  const full = diskFailure(input.service, log)
  if (full) return full
  const step = input.step === null ? '' : ` at step ${shownLine(input.step)}`
  return buildFailed(`the build of ${input.service} failed${step}: ${error}`, log, stored)
}

export function prebuildFailure(input: { service: string; how: string }, log: BuildLog, stored: StoredContent | null): ApplicationFailure {
  return diskFailure(input.service, log) ?? buildFailed(`the pre-build of ${input.service} failed: ${input.how}`, log, stored)
}

function buildFailed(what: string, log: BuildLog, stored: StoredContent | null): ApplicationFailure {
  const lastLines = log.lastLines()
  const shown = lastLines.slice(-SHOWN_LINES).map((line) => `\n  ${line}`)
  const where = stored ? `\nThe whole log is in the store as ${stored.digest}.` : ''
  const details: BuildFailedDetails = { log: stored, lastLines }
  return permanent('BuildFailed', `${what}.${shown.length > 0 ? ' It ended with:' : ''}${shown.join('')}${where}`, details)
}

/** A command that ran out of space says so in its last lines, and fails for no fault of the team's. */
function diskFailure(service: string, log: BuildLog): ApplicationFailure | null {
  const line = log
    .lastLines()
    .slice(-5)
    .find((each) => judgeEngineWords(each) === 'disk')
  return line === undefined ? null : transient(`no space is left to build the image of ${service}: ${line}. ${DISK_FULL}`)
}
