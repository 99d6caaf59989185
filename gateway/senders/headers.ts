export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** The one value of a header; empty where it is missing, or was sent in a form that no sender uses. */
export function headerOf(headers: Headers, name: string): string {
  const value = headers[name]
  return typeof value === 'string' && value.length <= 1000 ? value : ''
}
