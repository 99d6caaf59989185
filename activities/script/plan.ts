import { hashOf } from '../../config/hash.ts'
import type { AttemptContext } from '../context.ts'
import type { PlanInput, TargetPlan } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { askScript } from './ask.ts'
import { decodeContent } from './content.ts'
import type { ScriptSetup } from './target.ts'

/**
 * What the script itself says that it would do, as it says it. Another output is another basis; what of it takes something away
 * cannot be told.
 */
export async function planScript(setup: ScriptSetup, input: PlanInput, attempt: AttemptContext): Promise<TargetPlan> {
  const content = decodeContent(input.content)
  const { project, environment } = input
  const { code, lines, place } = await askScript(setup, { project, environment, content, word: 'plan' }, attempt)
  if (code !== 0) {
    const last = lines.findLast((line) => line.trim() !== '')?.slice(0, 500)
    throw permanent(
      'RenderFailed',
      `the script ${content.command} plan on ${place} ended with exit code ${code}${last === undefined ? ', without a word' : `: ${last}`}`,
    )
  }
  const object = `script ${content.command}`
  const basis = hashOf({ plan: lines })
  if (lines.length === 0) return { basis, changes: [{ object, change: 'unchanged', diff: null, note: 'it says nothing would change' }] }
  const note = 'in its own words; what of it takes something away cannot be told'
  return { basis, changes: [{ object, change: 'unknown', diff: lines.join('\n'), note }] }
}
