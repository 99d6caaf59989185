import { stripVTControlCharacters } from 'node:util'

/** One line of a log as plain text: it may hold colours, and must not move the cursor of whoever reads it. */
export function plainLine(text: string, limit: number): string {
  const plain = stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
  return plain.length > limit ? `${plain.slice(0, limit)}…` : plain
}
