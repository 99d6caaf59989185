/** `text` with at most `most` characters: what comes from outside must not make a state or a message grow without bound. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
