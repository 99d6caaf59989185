const REFERENCE = /\\\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([-+])([^}]*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)/g

/** `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}` as a FROM line knows them; what is not set is empty. */
export function substitute(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replaceAll(REFERENCE, (_all, braced?: string, operator?: string, word?: string, plain?: string) => {
    const name = braced ?? plain
    if (name === undefined) return '$'
    const value = variables.get(name) ?? ''
    if (operator === '-') return value === '' ? substitute(word ?? '', variables) : value
    if (operator === '+') return value === '' ? '' : substitute(word ?? '', variables)
    return value
  })
}
