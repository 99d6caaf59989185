import { createHash } from 'node:crypto'
import type { ActInput } from '../deploy/target.ts'

/**
 * What an action of an epoch is known by on its host: an attempt that finds its end there tells it again. What a person has
 * done once more, and what is told to do something else by its word, is another action.
 */
export function actionKey({ content, run = 1 }: Pick<ActInput, 'content' | 'run'>, word = ''): string {
  const hash = createHash('sha256').update(content).update(word)
  return (run === 1 ? hash : hash.update(`run ${run}`)).digest('hex').slice(0, 24)
}
