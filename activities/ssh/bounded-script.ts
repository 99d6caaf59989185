/**
 * Runs a command on a host for a limited time, in POSIX sh with coreutils and util-linux. A constant: nothing is ever pasted into it.
 *
 * Arguments: id of this call, seconds it may take, then the command, word by word. Standard input: variables as
 * `variableLines` makes them; afterwards it stays open for as long as somebody waits for the answer.
 *
 * Prints what the command prints, then a line `<call> ended <exit code>`. The command is a session of its own, which ends
 * when its time is over, when nobody waits any more, and with its leader.
 */
export const BOUNDED_SCRIPT = String.raw`
set -u
call=$1 limit=$2
shift 2
complete=
while IFS= read -r line; do
  if [ "$line" = . ]; then complete=1; break; fi
  value=$(printf '%b_' "${'$'}{line#*=}")
  export "${'$'}{line%%=*}=${'$'}{value%_}"
done
[ -n "$complete" ] || exit 0
cd || exit 1
exec 3<&0
setsid timeout -k 1 "$limit" "$@" </dev/null 3<&- 2>&1 &
group=$!
{ while read -r line; do :; done; kill -TERM "-$group"; sleep 1; kill -KILL "-$group"; } <&3 3<&- >/dev/null 2>&1 &
listener=$!
wait "$group"
code=$?
kill -KILL "-$group" 2>/dev/null
kill -KILL "$listener" 2>/dev/null
printf '\n%s ended %s\n' "$call" "$code"
`
