/**
 * What runs on the host, in POSIX sh with coreutils and util-linux. Constants: nothing is ever pasted into them.
 *
 * In the state folder lie
 *   lock       held while the fence is judged and an action is started or ended; never for long
 *   fence      `<epoch> <attempt> <owner>`: the newest token that acted; then a line that says whose epoch it is
 *   running    locked by an action for as long as it lives, so that no pid has to be believed
 *   action/    the last action: `key`, then a line as in the fence, `pid` (its process group), `output`, `exit` once it has ended
 *   cancelled  the last call that was cancelled, so that one which is still on its way does not start
 */

/** Ends the action's process group. Expects the folder's `lock` on 9 and `running` open on 8; leaves `running` locked. */
const STOP = String.raw`
stop_action() {
  read -r group 2>/dev/null <action/pid || group=
  tries=0
  until flock -w 0.2 8; do
    tries=$((tries + 1))
    case $group in *[!0-9]* | '') ;; *)
      if [ "$tries" -le 40 ]; then kill -TERM "-$group" 2>/dev/null; else kill -KILL "-$group" 2>/dev/null; fi ;;
    esac
    [ "$tries" -lt 60 ] || return 1
    [ -n "$group" ] || read -r group 2>/dev/null <action/pid || group=
  done
  # Whoever outlived the leader of the group.
  case $group in *[!0-9]* | '') ;; *) kill -KILL "-$group" 2>/dev/null ;; esac
  return 0
}
`

/**
 * Acts once under the fence. Arguments: state folder, owner, epoch, attempt, key of the action, id of this call, whether
 * a failed end is repeated too ("any" or "success"), the action's own script, and whose epoch it is; what an earlier version
 * wrote does not say it, and fits any. Standard input: lines `NAME=value` as
 * printfLine makes them, exported to the action, then a line `.`.
 *
 * Answers on standard output with a line `<call> <word> …`: `fenced <epoch> <attempt> <whose>`, `owned <owner>`, `damaged <file>`,
 * `trouble <sentence>`, `cancelled`, or `ended <exit code or "killed"> <"new" | "attached" | "repeated">`, after which
 * comes the action's output. Standard error shows the output while it grows.
 */
export const ACT_SCRIPT = String.raw`
set -u
umask 077
state=$1 owner=$2 epoch=$3 attempt=$4 key=$5 call=$6 repeat=$7 action=$8 identity=$9
answer() { printf '%s %s\n' "$call" "$*"; }
trouble() { answer trouble "$*"; exit 0; }
# Two deployments that were given the same epoch.
another() { [ -n "$identity" ] && [ -n "$1" ] && [ "$1" != "$identity" ]; }
read_fence() {
  held_epoch=0 held_attempt=0 held_owner=$owner held_identity=
  if [ -e fence ]; then { read -r held_epoch held_attempt held_owner; read -r held_identity; } <fence || :; fi
}
fenced() { answer fenced "$held_epoch" "$held_attempt" "$held_identity"; exit 93; }
# Whether the last action is this one.
is_this() {
  last= last_identity=
  { read -r last; read -r last_identity; } 2>/dev/null <action/key || :
  [ "$last" = "$key" ] && ! another "$last_identity"
}
${STOP}
for tool in flock setsid tail; do
  command -v "$tool" >/dev/null 2>&1 || trouble "the command $tool is missing: install util-linux and coreutils"
done
problem=$(LC_ALL=C mkdir -p -- "$state" 2>&1) || trouble "$problem"
cd -- "$state" || trouble "the folder $state cannot be entered by $(id -un)"
problem=$(true 2>&1 >>lock && true 2>&1 >>running) || trouble "files in the folder $state cannot be written by $(id -un): $problem"

payload= complete=
while IFS= read -r line; do
  if [ "$line" = . ]; then complete=1; break; fi
  payload="$payload$line
"
done
[ -n "$complete" ] || exit 0

exec 9>>lock
flock -w 30 9 || trouble "another call holds $state/lock for 30 s"

read_fence
case $held_epoch in '' | *[!0-9]*) answer damaged "$state/fence"; exit 0 ;; esac
case $held_attempt in '' | *[!0-9]*) answer damaged "$state/fence"; exit 0 ;; esac
case $held_identity in *[!0-9a-f]*) answer damaged "$state/fence"; exit 0 ;; esac
if [ "$held_owner" != "$owner" ]; then answer owned "$held_owner"; exit 0; fi
[ "$held_epoch" -le "$epoch" ] || fenced
if [ "$held_epoch" -eq "$epoch" ] && { [ "$held_attempt" -gt "$attempt" ] || another "$held_identity"; }; then fenced; fi
read -r last 2>/dev/null <cancelled || last=
if [ "$last" = "$call" ]; then answer cancelled; exit 0; fi
if [ "$held_epoch $held_attempt $held_identity" != "$epoch $attempt $identity" ] || [ ! -e fence ]; then
  problem=$({ printf '%s %s %s\n%s' "$epoch" "$attempt" "$owner" "${'$'}{identity:+$identity
}" >fence.new && mv -f fence.new fence; } 2>&1) ||
    trouble "the fence cannot be written: $problem"
fi

exec 8>>running
read -r code 2>/dev/null <action/exit || code=
way=
if flock -n 8; then
  if is_this && [ -n "$code" ] && { [ "$code" = 0 ] || [ "$repeat" = any ]; }; then way=repeated; fi
elif is_this; then
  way=attached
else
  stop_action || trouble "the action before does not end, not even by SIGKILL"
fi
if [ -z "$way" ]; then
  way=new
  problem=$({ rm -rf action && mkdir action && printf '%s\n%s\n' "$key" "$identity" >action/key && : >action/output; } 2>&1) ||
    trouble "the action cannot be noted: $problem"
  # The runner holds "running" and outlives a TERM, so that the lock falls only after the action itself has ended.
  runner='trap : TERM; sh -c "$1" slipway 8>&-; code=$?; printf "%s\n" "$code" >action/exit.new && mv -f action/exit.new action/exit'
  (
    # From here on only positional parameters count: an exported variable may have any other name.
    set -f -- "$runner" "$action"
    IFS='
'
    for slipway_line in $payload; do
      slipway_value=$(printf '%b_' "${'$'}{slipway_line#*=}")
      export "${'$'}{slipway_line%%=*}=${'$'}{slipway_value%_}"
    done
    exec setsid sh -c "$1" slipway "$2" </dev/null >action/output 2>&1 9>&-
  ) &
  printf '%s\n' "$!" >action/pid
fi
exec 8>&- 9>&-

if [ "$way" != repeated ]; then
  tail -n +1 -s 0.2 -f "--pid=$$" action/output >&2 2>/dev/null &
  follower=$!
  exec 8>>running
  flock -s 8
  exec 8>&-
  kill "$follower" 2>/dev/null
  wait "$follower" 2>/dev/null
fi
is_this || { read_fence; fenced; }
read -r code 2>/dev/null <action/exit || code=killed
answer ended "$code" "$way"
tail -c 262144 action/output
`

/** Ends the action of a call, whether it runs or is still on its way. Arguments: state folder, id of the call, key. */
export const CANCEL_SCRIPT = String.raw`
umask 077
state=$1 call=$2 key=$3
${STOP}
cd -- "$state" 2>/dev/null || exit 0
printf '%s\n' "$call" >cancelled
exec 9>>lock
flock -w 10 9 || exit 1
exec 8>>running
flock -n 8 && exit 0
read -r last 2>/dev/null <action/key || last=
[ "$last" = "$key" ] || exit 0
# What was cancelled has no end to be read: the next attempt runs it again.
stop_action && rm -f action/exit
`
