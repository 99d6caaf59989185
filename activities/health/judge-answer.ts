import type { HttpCheck } from '../../config/estate-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import type { Answer } from './fetch.ts'
import type { DeployedFacts } from './question.ts'

/** What a check looks for, with its placeholders filled. */
export type Expected = { readonly status: number; readonly contains: string | null }

export function expectedOf(check: HttpCheck, facts: Pick<DeployedFacts, 'tag' | 'revision'>): Expected {
  const contains = check.contains?.replaceAll(/\{(tag|revision)\}/g, (_, name: 'tag' | 'revision') => facts[name]) ?? null
  return { status: check.status, contains }
}

/** null when the answer is a good one, else what is wrong with it. */
export function judgeAnswer(answer: Answer, expected: Expected): string | null {
  if (answer.kind === 'none') return answer.why
  if (answer.elsewhere !== null && answer.status !== expected.status) {
    return `it redirects to another host (${quoted(answer.elsewhere)}), which is not followed; expected status ${expected.status}`
  }
  if (answer.status !== expected.status) return `expected status ${expected.status}, found ${answer.status} ${snippet(answer.text)}`
  if (expected.contains !== null && !answer.text.includes(expected.contains)) {
    return `expected ${quoted(expected.contains)} in the answer, found ${snippet(answer.text)}`
  }
  return null
}

function snippet(text: string): string {
  return quoted(text.replaceAll(/\s+/g, ' ').trim())
}
