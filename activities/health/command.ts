import type { CommandCheck } from '../../config/estate-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import { plainLine } from '../plain-line.ts'
import type { Answered, DeployedFacts } from './question.ts'

/** As much of what it prints is kept. */
export const OUTPUT_LIMIT = 16_384

/** How a command came to its end; `code` null: it was ended, `how` says by what. */
export type CommandEnd = { readonly code: number | null; readonly how: string; readonly output: string }

/** What a check knows of the deployment, beside PATH and HOME of where it runs. */
export function checkVariables({ tag, revision, environment }: DeployedFacts): Record<string, string> {
  return { TAG: tag, REVISION: revision, ENVIRONMENT: environment }
}

export function saysOf({ command }: CommandCheck, place: string): string {
  return `${plainLine(command.join(' '), 100)} on ${place}`
}

/** Exit 0 is a good answer; the last line that it printed goes with either. */
export function answerOf({ code, how, output }: CommandEnd): Answered {
  const line = plainLine(output.trimEnd().split('\n').at(-1) ?? '', 300)
  const last = line === '' ? '' : `: ${quoted(line)}`
  return { isGood: code === 0, words: `${code === null ? how : `ended with code ${code}`}${last}` }
}

/** The time that one run has: its own, or what is left of the check's. */
export function limitMs({ answerSeconds }: CommandCheck, leftMs: number): number {
  return Math.min(answerSeconds * 1000, leftMs)
}
