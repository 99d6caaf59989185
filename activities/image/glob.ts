/**
 * A .dockerignore pattern as docker understands it: `*` and `?` stop at `/`, `**` does not, `[a-z]` is one character,
 * `\` takes the next one as it is. The time it takes grows with pattern times path, whatever both are: they come from a
 * branch, and a regular expression could be made to run for hours.
 *
 * @returns null when a `[` is not closed
 */
export function compileGlob(pattern: string): ((path: string) => boolean) | null {
  const tokens = tokenize(pattern)
  return tokens && ((path) => matches(tokens, path))
}

type Token =
  | { readonly kind: 'one'; readonly fits: (char: string) => boolean }
  /** `*`: any characters but `/`. */
  | { readonly kind: 'star' }
  /** `**` in front of something: nothing, or any characters that end in `/`. */
  | { readonly kind: 'folders' }
  /** `**` at the end: whatever follows. */
  | { readonly kind: 'rest' }

function tokenize(pattern: string): readonly Token[] | null {
  const tokens: Token[] = []
  const chars = Array.from(pattern)
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (char === '*' && chars[at + 1] === '*') {
      at += chars[at + 2] === '/' ? 2 : 1
      tokens.push(at + 1 >= chars.length ? { kind: 'rest' } : { kind: 'folders' })
    } else if (char === '*') {
      tokens.push({ kind: 'star' })
    } else if (char === '?') {
      tokens.push({ kind: 'one', fits: (other) => other !== '/' })
    } else if (char === '[') {
      const end = chars.indexOf(']', chars[at + 1] === '^' ? at + 3 : at + 2)
      if (end < 0) return null
      tokens.push({ kind: 'one', fits: oneOf(chars.slice(at + 1, end)) })
      at = end
    } else {
      if (char === '\\' && at + 1 < chars.length) at++
      const literal = chars[at]
      tokens.push({ kind: 'one', fits: (other) => other === literal })
    }
  }
  return tokens
}

function oneOf(chars: readonly string[]): (char: string) => boolean {
  const negated = chars[0] === '^'
  const ranges: [string, string][] = []
  for (let at = negated ? 1 : 0; at < chars.length; at++) {
    if (chars[at] === '\\' && at + 1 < chars.length) at++
    const from = chars[at] ?? ''
    const isRange = chars[at + 1] === '-' && at + 2 < chars.length
    ranges.push([from, isRange ? (chars[at + 2] ?? from) : from])
    if (isRange) at += 2
  }
  return (char) => ranges.some(([from, to]) => char >= from && char <= to) !== negated
}

/** Walks the path once with the set of all places in the pattern where one could be. */
function matches(tokens: readonly Token[], path: string): boolean {
  let places = reach(tokens, new Set(), 0)
  let inFolders = new Set<number>()
  for (const char of path) {
    const next = new Set<number>()
    const stillIn = new Set<number>()
    for (const place of places) {
      const token = tokens[place]
      if (token?.kind === 'one' && token.fits(char)) reach(tokens, next, place + 1)
      if (token?.kind === 'rest' || (token?.kind === 'star' && char !== '/')) reach(tokens, next, place)
      if (token?.kind === 'folders') stillIn.add(place)
    }
    for (const place of inFolders) stillIn.add(place)
    if (char === '/') for (const place of stillIn) reach(tokens, next, place + 1)
    if (next.size === 0 && stillIn.size === 0) return false
    places = next
    inFolders = stillIn
  }
  return places.has(tokens.length)
}

/** Adds a place and all that follow it where nothing has to be read. */
function reach(tokens: readonly Token[], places: Set<number>, from: number): Set<number> {
  for (let place = from; !places.has(place); place++) {
    places.add(place)
    const kind = tokens[place]?.kind
    if (kind !== 'star' && kind !== 'folders' && kind !== 'rest') break
  }
  return places
}
