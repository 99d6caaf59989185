/**
 * `text` as exactly one word of a POSIX shell: between single quotes nothing is special, so only the quote itself is
 * taken out of them. Throws for a NUL character, which no argument can hold.
 */
export function shellQuote(text: string): string {
  if (text.includes('\0')) throw new TypeError('expected an argument without NUL characters')
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/**
 * The command of an ssh `exec` request: a script that is a constant of ours, run by the host's `sh` whatever the user's
 * login shell is, with its arguments as `$1`, `$2` ….
 */
export function remoteCommand(script: string, args: readonly string[]): string {
  return `exec sh -c ${[script, 'slipway', ...args].map(shellQuote).join(' ')}`
}

/**
 * `text` on one line, for a remote script that reads it with `IFS= read -r` and unpacks it with the shell's own
 * `printf '%b'`: no further process, and nothing of it is ever a part of a command.
 */
export function printfLine(text: string): string {
  if (text.includes('\0')) throw new TypeError('expected a value without NUL characters')
  return text.replaceAll('\\', String.raw`\0134`).replaceAll('\n', String.raw`\0012`)
}
