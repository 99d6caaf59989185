import type { ScriptAnswer } from '../../domain/settings.ts'
import type { ScriptContent } from './content.ts'
import type { ScriptTargetEstate } from './target.ts'

/**
 * A script that does not know a word may well deploy when it is called with one. So it gets one only where the estate says that
 * it answers it, and only the script that the estate speaks of: an older snapshot may name another.
 */
export function isAnswered({ answers, command }: ScriptTargetEstate, content: ScriptContent, word: ScriptAnswer): boolean {
  return command === content.command && answers?.includes(word) === true
}
