import { Lexer, LineCounter, Parser, type CST } from 'yaml'

/** A configuration has a handful; the parser counts the document and each collection. */
const MOST_LEVELS = 60
/** Some ten for every value that a file may have. */
const MOST_LEXEMES = 200_000

export type Tokens =
  | { readonly ok: true; readonly tokens: readonly CST.Token[]; readonly lines: LineCounter }
  | {
      readonly ok: false
      readonly lines: LineCounter
      readonly offset: number
      readonly found: string
      readonly expected: string
    }

/**
 * The first half of reading YAML, stopped where a text becomes too much for the second. That half recurses: at the end
 * of the stack it does not always throw, it can take the whole process down. This one keeps a stack that can be seen.
 */
export function readTokens(text: string): Tokens {
  const lines = new LineCounter()
  const parser = new Parser(lines.addNewLine)
  const tokens: CST.Token[] = []
  let lexemes = 0
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    const { offset } = parser
    if (parser.stack.length > MOST_LEVELS) {
      return {
        ok: false,
        lines,
        offset,
        found: 'mappings or lists that are nested too deeply',
        expected: 'a few levels',
      }
    }
    if (++lexemes > MOST_LEXEMES) return { ok: false, lines, offset, found: 'too many values', expected: 'a few hundred' }
  }
  tokens.push(...parser.end())
  return { ok: true, tokens, lines }
}
