import type { HttpCheck } from '../../config/estate-schema.ts'
import { fetchAnswer } from './fetch.ts'
import { expectedOf, judgeAnswer } from './judge-answer.ts'
import type { DeployedFacts, Question } from './question.ts'

/** Asks an address from the worker. */
export function httpQuestion(check: HttpCheck, facts: DeployedFacts): Question {
  const expected = expectedOf(check, facts)
  const url = new URL(check.url)
  const good = `answered ${expected.status}${expected.contains === null ? '' : ` with ${JSON.stringify(expected.contains)}`}`
  return {
    says: `GET ${check.url}`,
    ask: async (signal) => {
      const wrong = judgeAnswer(await fetchAnswer(url, signal), expected)
      return { isGood: wrong === null, words: wrong ?? good }
    },
  }
}
