import type { Command } from 'commander'
import type { Slipway } from '../typed/slipway.ts'
import { fileNames } from './files.ts'
import type { Place } from './place.ts'
import { liveValues } from './values.ts'

export type Sources = { readonly cwd: string; readonly open: () => Promise<Slipway> }

/** What can stand where the cursor stands, as whole words. */
export async function candidates(place: Place, sources: Sources): Promise<string[]> {
  const all = [...new Set(await allOf(place, sources))]
  return all.filter((word) => word.startsWith(place.begun)).map((word) => `${place.before}${word}`)
}

/** Whatever a repository calls its refs: nothing in a plain word means anything to a shell, breaks it in two, or is an option. */
const PLAIN = /^[A-Za-z0-9_./][A-Za-z0-9_.+/~-]*=?$/

async function allOf(place: Place, sources: Sources): Promise<readonly string[]> {
  const { command, wanted } = place
  switch (wanted.kind) {
    case 'command':
      return command
        .createHelp()
        .visibleCommands(command)
        .map((each) => each.name())
    case 'option':
      return optionNames(command)
    case 'argument':
      return wanted.of.argChoices ?? plain(await liveValues(place, wanted.of.name(), sources.open))
    case 'value': {
      const name = /<(.+)>/.exec(wanted.of.flags)?.[1] ?? ''
      return plain(name === 'file' ? await fileNames(sources.cwd, place.begun) : await liveValues(place, name, sources.open))
    }
    case 'nothing':
      return []
    default:
      return wanted satisfies never
  }
}

function plain(words: readonly string[]): string[] {
  return words.filter((word) => PLAIN.test(word))
}

/** Its own, and those of every command above it. */
function optionNames(command: Command | null): string[] {
  if (command === null) return []
  const own = command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => option.long ?? [])
  return [...own, ...optionNames(command.parent)]
}
