import type { Context } from '../context.ts'
import { printJson, printLines } from '../io.ts'
import { neutralLines } from '../view/neutral.ts'

type Input = { readonly version: string; readonly markdown?: true; readonly json?: true }

/** What came with a release, or comes with the one that is not tagged yet. */
export async function notes(context: Context, { version, markdown, json }: Input): Promise<void> {
  const slipway = await context.open()
  const found = await slipway.notes(version)
  if (json === true) return printJson(context.io.out, found)
  const { tag, tagged, previous, more } = found
  const since = previous === null ? 'the first release' : `since ${previous}`
  const title = `${tag}${tagged ? '' : ' (not tagged yet)'}, ${since}`
  const body = neutralLines(markdown === true ? found.markdown : found.text)
  printLines(context.io.out, [
    markdown === true ? `## ${title}` : title,
    '',
    body === '' ? 'nothing came with it' : body,
    ...(more ? ['', 'there are older commits, which are not read'] : []),
  ])
}
