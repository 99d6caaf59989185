/** Argument: the script's path. An end with 126 or 127 and our sentence means that there is no such script. */
export const FIND_SCRIPT = String.raw`
[ -e "$1" ] || { echo "slipway: there is no script $1 for $(id -un)"; exit 127; }
[ -x "$1" ] || { echo "slipway: the script $1 may not be run by $(id -un); chmod +x it"; exit 126; }
`

/**
 * Runs the placed script from the user's home, as a login over ssh by hand would: the action of a fenced run, a constant. It gets
 * a word as its argument where there is one.
 */
export const RUN_SCRIPT = String.raw`
cd || exit 126
set -- "$SLIPWAY_COMMAND" ${'$'}{SLIPWAY_WORD:+"$SLIPWAY_WORD"}
unset SLIPWAY_COMMAND SLIPWAY_WORD
${FIND_SCRIPT}
exec "$@"
`

/** A bare name would be looked for on the PATH, and is meant to be in the user's home. */
export function pathOf(command: string): string {
  return command.startsWith('/') ? command : `./${command}`
}
