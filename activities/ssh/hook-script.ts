/**
 * Runs a hook on a host at most once: the action of a fenced run, POSIX sh, constants. The fence and the question whether
 * it still runs are the fenced run's; whether it was ever begun, and how it ended, is kept here, for other actions come
 * between. Runs in the state folder, where lies for each hook of the newest epoch
 *   hooks/<epoch>.<name>.<run>.<identity>/  begun, written to the disk before the first process; output; late or stopped, when it was
 *                                told to end; end, how it ended
 * The last line of what is printed is always `slipway: ` and one of
 *   ended <exit code>   late   stopped   unknown   unready <code>   (not begun, or its end cannot be read now: ask again)
 * Needs GNU coreutils' tail, as the fenced run does.
 */

/** Takes the variables over, so that the command sees none of them, and its arguments from SLIPWAY_ARG_<n>, as they are. */
export const HOOK_BEGIN = String.raw`
set -f
umask 077
slipway_state=$PWD slipway_key=$SLIPWAY_HOOK slipway_limit=$SLIPWAY_TIMEOUT slipway_directory=$SLIPWAY_DIRECTORY slipway_count=$SLIPWAY_ARGC
# What an earlier version began does not say whose it is.
if [ -e "$slipway_state/hooks/$SLIPWAY_HOOK_PLAIN/begun" ]; then slipway_key=$SLIPWAY_HOOK_PLAIN; fi
unset SLIPWAY_HOOK SLIPWAY_HOOK_PLAIN SLIPWAY_TIMEOUT SLIPWAY_DIRECTORY SLIPWAY_ARGC
slipway_dir=$slipway_state/hooks/$slipway_key
set --
slipway_each=0
while [ "$slipway_each" -lt "$slipway_count" ]; do
  # Only the number becomes part of a command.
  eval "set -- \"\$@\" \"\$SLIPWAY_ARG_$slipway_each\""
  unset "SLIPWAY_ARG_$slipway_each"
  slipway_each=$((slipway_each + 1))
done

# Last words. What is not an end is asked for again.
slipway_unready() { printf '\nslipway: unready %s\n' "$1"; exit 1; }
slipway_end() {
  printf '%s\n' "$1" >"$slipway_dir/end.new" && mv -f "$slipway_dir/end.new" "$slipway_dir/end"
  printf '\nslipway: %s\n' "$1"
  exit 0
}
slipway_flush() { sync "$@" 2>/dev/null || sync; }
slipway_mark() { : >"$slipway_dir/$1"; }
# How it ended, once it did with the exit code $1. Who was told to end and ends well all the same has ended well.
slipway_judged() {
  if [ "$1" = 0 ]; then echo ended 0
  elif [ -e "$slipway_dir/late" ]; then echo late
  elif [ -e "$slipway_dir/stopped" ]; then echo stopped
  else echo "ended $1"; fi
}
# For one that was begun and that no process and no container can tell of.
slipway_lost() {
  if [ -e "$slipway_dir/late" ]; then slipway_end late; fi
  if [ -e "$slipway_dir/stopped" ]; then slipway_end stopped; fi
  slipway_end unknown
}
# Older epochs are refused by the fence, and others of the same one: what is kept of them serves nobody. $1: what to do with
# each one before.
slipway_forget() {
  set +f
  for slipway_old in "$slipway_state"/hooks/*; do
    slipway_name=${'$'}{slipway_old##*/}
    case ${'$'}{slipway_name%%.*} in '' | *[!0-9]*) continue ;; esac
    if [ "${'$'}{slipway_name%%.*}" -eq "${'$'}{slipway_key%%.*}" ]; then
      case $slipway_name in *.*.*.*) ;; *) continue ;; esac
      case $slipway_key in *.*.*.*) [ "${'$'}{slipway_name##*.}" != "${'$'}{slipway_key##*.}" ] || continue ;; *) continue ;; esac
    elif [ "${'$'}{slipway_name%%.*}" -gt "${'$'}{slipway_key%%.*}" ]; then continue; fi
    "$1" "$slipway_name"
    rm -rf -- "$slipway_old"
  done
  set -f
}
# Ends it when its time, $1 seconds, is over.
slipway_watch() {
  sleep "$1" &
  slipway_sleep=$!
  trap 'kill "$slipway_sleep" 2>/dev/null; exit 0' TERM
  wait "$slipway_sleep" || exit 0
  slipway_mark late
  slipway_stop
}
# Somebody wants it ended: a cancellation, a newer deployment, the host that goes down. They say so again and again.
slipway_child= slipway_stopping=
slipway_told() {
  slipway_mark stopped
  if [ -n "$slipway_child" ] && [ -z "$slipway_stopping" ]; then slipway_stopping=1; slipway_stop & fi
}
# How many seconds of its time are left to what was begun before.
slipway_left() {
  slipway_seconds=$((slipway_limit - $(date +%s) + $(stat -c %Y "$slipway_dir/begun" 2>/dev/null || date +%s)))
  echo "$((slipway_seconds > 0 ? slipway_seconds : 1))"
}
# What was begun holds a lock on "alive" for as long as it lives, also when the shell that waited for it is gone.
slipway_orphan() {
  slipway_child=$(cat "$slipway_dir/pid" 2>/dev/null)
  trap slipway_told TERM
  slipway_watch "$(slipway_left)" &
  slipway_watcher=$!
  exec 7>>"$slipway_dir/alive"
  until flock -w 1 7; do :; done
  exec 7>&-
  kill "$slipway_watcher" 2>/dev/null
  slipway_child= slipway_stopping=
}
if [ -e "$slipway_dir/end" ]; then
  cat "$slipway_dir/output" 2>/dev/null
  printf '\nslipway: %s\n' "$(cat "$slipway_dir/end")"
  exit 0
fi
`

/** Waits for the process $slipway_child, which a signal does not end, while its output is shown. Leaves its exit code in slipway_code. */
export const HOOK_FOLLOW = String.raw`
tail -n +1 -s 0.2 -f "--pid=$slipway_child" "$slipway_dir/output" &
slipway_tail=$!
while :; do
  # Without the shell's own word about a child that was killed.
  { wait "$slipway_child"; slipway_code=$?; } 2>/dev/null
  kill -0 "$slipway_child" 2>/dev/null || break
done
{ wait "$slipway_tail"; } 2>/dev/null
`

/** A command with its arguments, in the folder that the variables name, or the user's home. */
export const COMMAND_HOOK_SCRIPT = String.raw`${HOOK_BEGIN}
# A session of its own: it is ended as a whole, and this shell lives to write down how.
slipway_stop() {
  trap '' TERM
  kill -TERM "-$slipway_child" "$slipway_child" 2>/dev/null
  slipway_each=0
  while [ "$slipway_each" -lt 30 ] && kill -0 "-$slipway_child" 2>/dev/null; do sleep 0.2; slipway_each=$((slipway_each + 1)); done
  kill -KILL "-$slipway_child" 2>/dev/null
}
if [ -e "$slipway_dir/begun" ]; then slipway_orphan; cat "$slipway_dir/output"; slipway_lost; fi
slipway_forget :
cd -- "${'$'}{slipway_directory:-$HOME}" || slipway_unready 84
mkdir -p -- "$slipway_dir" && : >"$slipway_dir/output" && slipway_mark begun || slipway_unready 84
slipway_flush "$slipway_dir/begun" "$slipway_dir" "$slipway_state/hooks"

trap slipway_told TERM
(exec 7>"$slipway_dir/alive" && flock 7 && exec setsid -- "$@") </dev/null >"$slipway_dir/output" 2>&1 &
slipway_child=$!
printf '%s\n' "$slipway_child" >"$slipway_dir/pid"
slipway_watch "$slipway_limit" &
slipway_watcher=$!
${HOOK_FOLLOW}
kill "$slipway_watcher" 2>/dev/null
# Whatever outlived the one that was told to end.
if [ -e "$slipway_dir/late" ] || [ -e "$slipway_dir/stopped" ]; then kill -KILL "-$slipway_child" 2>/dev/null; fi
slipway_end "$(slipway_judged "$slipway_code")"
`
