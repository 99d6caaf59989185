import { printfLine } from './quote.ts'

/**
 * Variables for a remote script's standard input: a line `NAME=value` each, as `printfLine` packs it, then a line `.`, so
 * that a script which gets less of it knows that the other side is gone. Names are checked: the script exports them.
 */
export function variableLines(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new TypeError(`expected the name of a variable, found ${JSON.stringify(name)}`)
    }
    return `${name}=${printfLine(value)}\n`
  })
  return `${lines.join('')}.\n`
}
