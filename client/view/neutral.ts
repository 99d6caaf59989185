import { stripVTControlCharacters } from 'node:util'

/**
 * Text from a repository, a log or an error, made harmless for a terminal: escape sequences go, and every control,
 * invisible or direction-changing character is shown by its number instead of doing something. One line.
 */
export function neutral(text: string): string {
  return stripVTControlCharacters(text).replaceAll(HARMFUL, shown)
}

/** As neutral, for many lines: line ends and tabs stay, and a carriage return begins a new line as a log means it. */
export function neutralLines(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(HARMFUL, (char) => (char === '\n' || char === '\t' ? char : shown(char)))
}

/** Controls, formats (U+200B, bidirectional overrides), surrogates without a partner, private use, line separators. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

function shown(char: string): string {
  switch (char) {
    case '\n':
      return '\\n'
    case '\r':
      return '\\r'
    case '\t':
      return '\\t'
    default:
      return `\\u{${char.codePointAt(0)!.toString(16)}}`
  }
}
