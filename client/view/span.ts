import { neutral } from './neutral.ts'
import { fitted, widthOf } from './width.ts'

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'

/** A piece of a line. What it says may come from anywhere: it is made harmless when it is printed. */
export type Span = { readonly text: string; readonly style?: Style }

export type Line = readonly Span[]

/** Puts a style around a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

export const PLAIN: Paint = (_style, text) => text

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style }
}

/** Lines as they are printed: harmless, no wider than the terminal, painted. */
export function printed(lines: readonly Line[], options: { readonly columns: number; readonly paint: Paint }): string[] {
  return lines.map((line) => printedLine(line, options))
}

function printedLine(line: Line, { columns, paint }: { readonly columns: number; readonly paint: Paint }): string {
  let left = columns
  let text = ''
  for (const piece of trimmedEnd(line)) {
    const shown = fitted(neutral(piece.text), left)
    left -= widthOf(shown)
    text += piece.style === undefined || shown === '' ? shown : paint(piece.style, shown)
    if (left <= 0) break
  }
  return text
}

/** Padding behind the last cell would only be copied along. */
function trimmedEnd(line: Line): Line {
  const last = line.findLastIndex((piece) => piece.text.trim() !== '')
  return line.slice(0, last + 1).map((piece, index) => (index === last && piece.style === undefined ? span(piece.text.trimEnd()) : piece))
}

/** Rows of cells, each column as wide as its widest cell, two spaces between; `indent` spaces in front. */
export function table(rows: readonly (readonly Span[])[], indent = 2): Line[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, widthOf(neutral(cell.text)))))
  return rows.map((row) => [
    span(' '.repeat(indent)),
    ...row.flatMap((cell, column) => {
      const last = column === row.length - 1
      return last ? [cell] : [cell, span(' '.repeat((widths[column] ?? 0) - widthOf(neutral(cell.text)) + 2))]
    }),
  ])
}

export function heading(text: string): Line {
  return [span(text, 'bold')]
}

export const BLANK: Line = []
