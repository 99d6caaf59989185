import type { Argument, Command, Option } from 'commander'

/** Where the cursor stands in a command line, and what was typed before it. */
export type Place = {
  readonly command: Command
  /** The arguments of that command so far. */
  readonly given: readonly string[]
  /** The options so far, by their long names without dashes. */
  readonly options: Readonly<Record<string, string>>
  readonly wanted: Wanted
  /** What is typed of the word already, and what of it stands before that word's value (`--to=`). */
  readonly begun: string
  readonly before: string
}

export type Wanted =
  | { readonly kind: 'command' }
  | { readonly kind: 'option' }
  | { readonly kind: 'value'; readonly of: Option }
  | { readonly kind: 'argument'; readonly of: Argument }
  | { readonly kind: 'nothing' }

/** Reads words as commander would, with the last one unfinished. */
export function placeOf(root: Command, typed: readonly string[]): Place {
  const { words, bare } = together(typed)
  const last = words.at(-1) ?? ''
  let command = root
  let pending: Option | null = null
  let literal = false
  const given: string[] = []
  const options: Record<string, string> = {}
  for (const word of words.slice(0, -1)) {
    if (pending !== null) {
      options[pending.attributeName()] = word
      pending = null
    } else if (!literal && word === '--') literal = true
    else if (!literal && word.startsWith('-') && word !== '-') {
      const [name = '', ...value] = word.split('=')
      const option = optionOf(command, name)
      if (value.length > 0 && option !== null) options[option.attributeName()] = value.join('=')
      else if (option?.required === true) pending = option
    } else {
      const inner = given.length === 0 ? command.commands.find((each) => each.name() === word) : undefined
      if (inner === undefined) given.push(word)
      else command = inner
    }
  }
  const at = { command, given, options }
  if (pending !== null) return { ...at, wanted: { kind: 'value', of: pending }, begun: last, before: '' }
  const equals = last.indexOf('=')
  const named = !literal && last.startsWith('-') && equals > 0 ? optionOf(command, last.slice(0, equals)) : null
  if (named !== null) {
    const before = bare ? '' : last.slice(0, equals + 1)
    return { ...at, wanted: { kind: 'value', of: named }, begun: last.slice(equals + 1), before }
  }
  if (!literal && last.startsWith('-')) return { ...at, wanted: { kind: 'option' }, begun: last, before: '' }
  return { ...at, wanted: argumentWanted(command, given), begun: last, before: '' }
}

function argumentWanted(command: Command, given: readonly string[]): Wanted {
  if (command.commands.length > 0 && given.length === 0) return { kind: 'command' }
  const known = command.registeredArguments
  const last = known.at(-1)
  const of = known[given.length] ?? (last?.variadic === true ? last : undefined)
  return of === undefined ? { kind: 'nothing' } : { kind: 'argument', of }
}

/** Its own, or one of those above it. */
function optionOf(command: Command, name: string): Option | null {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const found = at.options.find((option) => option.long === name || option.short === name)
    if (found !== undefined) return found
  }
  return null
}

/** Bash makes three words of `--to=3`, and replaces only the last of them. */
function together(typed: readonly string[]): { readonly words: readonly string[]; readonly bare: boolean } {
  const words: string[] = []
  let bare = false
  for (const [index, word] of typed.entries()) {
    const joins = index > 0 && (word === '=' || typed[index - 1] === '=')
    if (joins && words.length > 0) words.push(`${words.pop() ?? ''}${word}`)
    else words.push(word)
    bare = joins
  }
  return { words, bare }
}
