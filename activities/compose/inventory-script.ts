/**
 * Pieces of scripts on the host, for what of a compose project Slipway has brought up: the file `services` in the state
 * folder, a line `<project> <service>` each. It is written before anything is started, so that what a deployment leaves
 * behind that is stopped or fails is known to the next one.
 */

/** Functions for an action, in which slipway_state and slipway_project are set. */
export const REMEMBER_SCRIPT = String.raw`
slipway_brought() {
  [ ! -e "$slipway_state/services" ] ||
    while read -r slipway_of slipway_named; do
      [ "$slipway_of" != "$slipway_project" ] || printf '%s\n' "$slipway_named"
    done <"$slipway_state/services"
}
# slipway_remember SERVICES…
slipway_remember() {
  {
    [ ! -e "$slipway_state/services" ] || cat "$slipway_state/services"
    for slipway_named; do printf '%s %s\n' "$slipway_project" "$slipway_named"; done
  } | sort -u >"$slipway_state/services.new" && mv -f -- "$slipway_state/services.new" "$slipway_state/services"
}
slipway_forget_service() {
  grep -vxF -- "$slipway_project $1" "$slipway_state/services" >"$slipway_state/services.new"
  mv -f -- "$slipway_state/services.new" "$slipway_state/services"
}
`

/** Tells it. Arguments of the script: id of this call, state folder. Prints `<call> brought <project> <service>` for each. */
export const BROUGHT_SCRIPT = String.raw`
if [ -e "$2/services" ]; then
  while IFS= read -r line; do printf '%s brought %s\n' "$1" "$line"; done <"$2/services"
fi
`

/** What BROUGHT_SCRIPT told of a project. */
export function readBrought(stdout: string, call: string, project: string): readonly string[] {
  const start = `${call} brought ${project} `
  return stdout.split('\n').flatMap((line) => (line.startsWith(start) ? [line.slice(start.length)] : []))
}
