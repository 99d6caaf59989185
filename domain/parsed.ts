/** What a `parse…` function gives: the value, or a sentence that names what was found and what was expected. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

/** Quotes what was found so that control and invisible characters show, and cuts it at 80 characters. */
export function parseFailure(found: string, expected: string): { ok: false; problem: string } {
  return { ok: false, problem: `expected ${expected}, found ${quoted(found)}` }
}

/** `text` between double quotes, with everything outside printable ASCII escaped. */
export function quoted(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text
  const escaped = JSON.stringify(cut).replace(/[^\x20-\x7e…]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return escaped
}

export function unwrap<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new TypeError(parsed.problem)
  return parsed.value
}
