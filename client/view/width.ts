/** How many columns a text takes on a terminal: two for East Asian wide characters and emoji, none for combining marks. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const char of text) width += widthOfChar(char)
  return width
}

function widthOfChar(char: string): number {
  if (/\p{M}/u.test(char)) return 0
  return WIDE.test(char) ? 2 : 1
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** The beginning of a text that fits into so many columns, with `…` where something is left out. */
export function fitted(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns < 1) return ''
  let kept = ''
  let width = 0
  for (const char of text) {
    width += widthOfChar(char)
    if (width > columns - 1) break
    kept += char
  }
  return `${kept}…`
}

/** A sentence folded at spaces into lines of so many columns; a word that is longer stands alone. */
export function folded(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > columns) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return [...lines, line]
}
