import { HOOK_BEGIN, HOOK_FOLLOW } from '../ssh/hook-script.ts'
import { REMEMBER_SCRIPT } from './inventory-script.ts'

/**
 * `docker-compose run` of a service, at most once. Detached and under a name of its own, so that the container outlives
 * whoever started it and can be asked how it ended; it is removed once that is written down. What it depends on is started
 * as compose does. Codes of `unready` are those of the apply script, and 88: the engine cannot be asked now.
 */
export const COMPOSE_HOOK_SCRIPT = String.raw`${HOOK_BEGIN}
${REMEMBER_SCRIPT}
slipway_project=$SLIPWAY_PROJECT slipway_service=$SLIPWAY_SERVICE slipway_image=$SLIPWAY_IMAGE slipway_prefix=$SLIPWAY_PREFIX slipway_brings=$SLIPWAY_BROUGHT
slipway_placed=$SLIPWAY_PLACED slipway_file=$SLIPWAY_FILE slipway_override=$SLIPWAY_OVERRIDE
unset SLIPWAY_PROJECT SLIPWAY_SERVICE SLIPWAY_IMAGE SLIPWAY_PREFIX SLIPWAY_BROUGHT SLIPWAY_PLACED SLIPWAY_FILE SLIPWAY_OVERRIDE
slipway_container=$slipway_prefix.$slipway_key

command -v docker >/dev/null 2>&1 || { echo "slipway: the command docker is not on the PATH of $(id -un)"; slipway_unready 81; }
slipway_remove() { docker rm -fv "$slipway_prefix.$1" >/dev/null 2>&1; }
# Out of reach of whoever ends this group of processes meanwhile, which they say again and again.
slipway_stop() { trap '' TERM; setsid sh -c 'docker stop -t 3 "$1"; docker rm -fv "$1"' slipway "$slipway_container" </dev/null >/dev/null 2>&1; }
# The container's state in slipway_status, "none" without one.
slipway_look() {
  slipway_status=$(trap '' TERM; LC_ALL=C docker container inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$slipway_container" 2>&1) && return
  case $slipway_status in
    *[Nn]'o such '*) slipway_status=none ;;
    *)
      # Also when this look was ended with the group: nothing is left running that was told to end.
      [ ! -e "$slipway_dir/stopped" ] || slipway_stop
      printf '%s\n' "$slipway_status"
      slipway_unready 88 ;;
  esac
}
slipway_ended() {
  slipway_judgement=$(slipway_judged "$1")
  printf '%s\n' "$slipway_judgement" >"$slipway_dir/end.new" && mv -f "$slipway_dir/end.new" "$slipway_dir/end"
  slipway_remove "$slipway_key"
  slipway_end "$slipway_judgement"
}

[ ! -e "$slipway_dir/begun" ] || slipway_orphan
slipway_look
# Made and never started, as when the host went down in between: it may be made anew.
if [ "$slipway_status" = 'created 0' ]; then slipway_remove "$slipway_key"; rm -f "$slipway_dir/begun"; slipway_look; fi

if [ "$slipway_status" = none ]; then
  if [ -e "$slipway_dir/begun" ]; then cat "$slipway_dir/output"; slipway_lost; fi
  slipway_forget slipway_remove
  if docker compose version >/dev/null 2>&1; then slipway_compose='docker compose'
  elif command -v docker-compose >/dev/null 2>&1; then slipway_compose=docker-compose
  else echo "slipway: neither 'docker compose' nor 'docker-compose' is here for $(id -un)"; slipway_unready 82; fi
  mkdir -p -- "$slipway_dir" || slipway_unready 84
  # What the engine and compose say is of interest only where they fail.
  slipway_failed() { cat "$slipway_dir/start"; slipway_unready "$1"; }
  if [ -n "$slipway_image" ]; then
    docker pull "$slipway_image" >"$slipway_dir/start" 2>&1 || docker image inspect "$slipway_image" >/dev/null 2>&1 || slipway_failed 83
  fi
  : >"$slipway_dir/output" && printf '%s' "$slipway_override" >"$slipway_dir/images.yml" || slipway_unready 84
  slipway_files=
  if [ -n "$slipway_placed" ]; then
    for slipway_each in $slipway_placed; do slipway_files="$slipway_files -f $slipway_directory/$slipway_each"; done
  else
    printf '%s' "$slipway_file" >"$slipway_dir/docker-compose.yml" || slipway_unready 84
    slipway_files="-f $slipway_dir/docker-compose.yml"
  fi
  cd -- "$slipway_directory" && slipway_remember $slipway_brings && slipway_mark begun || slipway_unready 84
  slipway_flush "$slipway_dir/begun" "$slipway_dir" "$slipway_state/hooks"
  trap slipway_told TERM
  slipway_code=0
  (
    exec 7>"$slipway_dir/alive" && flock 7 &&
      exec $slipway_compose -p "$slipway_project" --project-directory "$slipway_directory" $slipway_files \
        -f "$slipway_dir/images.yml" run -d -T --name "$slipway_container" "$slipway_service" "$@"
  ) </dev/null >"$slipway_dir/start" 2>&1 || slipway_code=$?
  if [ "$slipway_code" != 0 ]; then
    slipway_look
    case $slipway_status in
      # Nothing was started: it may be tried again, if what went wrong passes.
      none) [ -e "$slipway_dir/stopped" ] || { rm -f "$slipway_dir/begun"; slipway_failed 85; } ;;
      # Its program cannot be started.
      created*) cat "$slipway_dir/start"; slipway_ended "${'$'}{slipway_status#created }" ;;
    esac
  fi
fi

trap slipway_told TERM
[ ! -e "$slipway_dir/stopped" ] || slipway_stop
slipway_look
[ "$slipway_status" != none ] || slipway_lost
slipway_watch "$(slipway_left)" &
slipway_watcher=$!
docker logs -f "$slipway_container" >"$slipway_dir/output" 2>&1 </dev/null &
slipway_child=$!
${HOOK_FOLLOW}
while :; do
  slipway_look
  case $slipway_status in
    none) kill "$slipway_watcher" 2>/dev/null; slipway_lost ;;
    exited* | dead*) break ;;
  esac
  { docker wait "$slipway_container" || sleep 1; } >/dev/null 2>&1
done
kill "$slipway_watcher" 2>/dev/null
slipway_ended "${'$'}{slipway_status##* }"
`
