import type { Drift } from '../../domain/environment/drift.ts'
import type { AttemptContext } from '../context.ts'
import type { AppliedInput } from '../deploy/target.ts'
import { transient } from '../failure.ts'
import { plainLine } from '../plain-line.ts'
import { askScript } from './ask.ts'
import { decodeContent } from './content.ts'
import type { ScriptSetup } from './target.ts'

/** Exit code 0: it is what was applied; 1: each line that it prints is something that is not. */
export async function inspectScript(setup: ScriptSetup, input: AppliedInput, attempt: AttemptContext): Promise<readonly Drift[]> {
  const content = decodeContent(input.content)
  const { project, environment } = input
  const { code, lines, place, epoch } = await askScript(setup, { project, environment, content, word: 'status' }, attempt)
  const said = lines.map((line) => plainLine(line, 300)).filter((line) => line !== '')
  const object = `script ${content.command}`
  if (code !== 0 && code !== 1) {
    throw transient(
      `the ${object} status on ${place} ended with exit code ${code}${said.length === 0 ? ', without a word' : `: ${said.at(-1)}`}`,
    )
  }
  const fence = epoch > input.epoch ? [found('fence', 'epoch', `${input.epoch} at most`, `${epoch}`)] : []
  const words = code === 1 && said.length === 0 ? ['exit code 1, without a word'] : said
  return [...fence, ...(code === 0 ? [] : words.map((line) => found(object, 'status', 'no drift', line)))]
}

/** Who changed it last is known to the script alone. */
function found(object: string, field: string, expected: string, value: string): Drift {
  return { object, field, expected, found: value, by: null, at: null }
}
