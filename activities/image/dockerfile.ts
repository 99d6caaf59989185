import { substitute } from './dockerfile-variables.ts'

/** An image that a Dockerfile starts from or copies out of, such as `busybox:1.36`; stages of its own and `scratch` left out. */
export type BaseImage = string

/**
 * The images that building `target` (null: the last stage) needs, in the Dockerfile's order, each once.
 *
 * @returns null when the text has no FROM line, and so is no Dockerfile
 */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>, target: string | null): readonly BaseImage[] | null {
  const variables = new Map<string, string>()
  const stages = new Set<string>()
  const found = new Set<BaseImage>()
  let count = 0
  let last = false
  for (const { instruction, rest } of instructions(dockerfile)) {
    // Only an ARG before the first FROM reaches a FROM line.
    if (instruction === 'ARG' && count === 0) declare(variables, rest, args)
    if (instruction === 'FROM') {
      if (last) break
      const { image, name } = parseFrom(rest, variables)
      if (image !== 'scratch' && !stages.has(image.toLowerCase())) found.add(image)
      if (name !== null) stages.add(name)
      last = target !== null && (name === target.toLowerCase() || String(count) === target)
      count++
    }
    if (instruction === 'COPY') {
      const from = /^(?:--\S+\s+)*--from=(\S+)/.exec(rest)?.[1]
      if (from !== undefined && !stages.has(from.toLowerCase()) && !/^\d+$/.test(from)) found.add(from)
    }
  }
  return count === 0 ? null : [...found]
}

/** The instructions with their continuation lines joined, comments and the parser directives observed. */
function* instructions(dockerfile: string): Generator<{ instruction: string; rest: string }> {
  const escape = escapeCharacter(dockerfile)
  let pending = ''
  for (const raw of dockerfile.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = raw.trim()
    if (line.startsWith('#') || (line === '' && pending === '')) continue
    const continued = line.endsWith(escape)
    pending += continued ? `${line.slice(0, -1)} ` : line
    // An empty line does not end a continued one; docker warns and goes on.
    if (continued || line === '') continue
    yield split(pending)
    pending = ''
  }
  if (pending.trim() !== '') yield split(pending)
}

function split(line: string): { instruction: string; rest: string } {
  const [, instruction = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line.trim()) ?? []
  return { instruction: instruction.toUpperCase(), rest: rest.trim() }
}

/** `# escape=` counts only among the directives at the very top. */
function escapeCharacter(dockerfile: string): string {
  for (const line of dockerfile.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const directive = /^#\s*([a-z]+)\s*=\s*(\S+)\s*$/i.exec(line.trim())
    if (!directive) return '\\'
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] === '`' ? '`' : '\\'
  }
  return '\\'
}

function declare(variables: Map<string, string>, rest: string, args: Readonly<Record<string, string>>): void {
  for (const [, name = '', given] of rest.matchAll(/([A-Za-z_][A-Za-z0-9_]*)(?:=("(?:[^"\\]|\\.)*"|'[^']*'|\S*))?/g)) {
    const own = Object.hasOwn(args, name) ? args[name] : undefined
    const value = own ?? (given === undefined ? undefined : substitute(unquote(given), variables))
    if (value !== undefined) variables.set(name, value)
  }
}

function parseFrom(rest: string, variables: ReadonlyMap<string, string>): { image: string; name: string | null } {
  const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'))
  const name = words[1]?.toUpperCase() === 'AS' ? (words[2]?.toLowerCase() ?? null) : null
  return { image: substitute(unquote(words[0] ?? ''), variables), name }
}

function unquote(text: string): string {
  const quote = text[0]
  return text.length >= 2 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text
}
