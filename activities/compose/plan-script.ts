import { HELD_SCRIPT } from '../ssh/held-epoch.ts'
import { BROUGHT_SCRIPT } from './inventory-script.ts'

/**
 * What compose would do, asked of the compose on the host, in one go. Arguments: id of this call, state folder, folder of
 * the compose file, project, "placed" or "file". Standard input: four groups of variables as for a fenced run, each ended
 * by a line `.`: the files (SLIPWAY_PLACED, SLIPWAY_FILE, SLIPWAY_OVERRIDE), what the new configuration gets, the same for
 * showing it, and what the one that lies here gets for showing it. Prints the fence and what was brought up, then after a line `<call> <name>`
 * each: `container` with its JSON behind it, `hashes`, `after` and `before`. What is tried lies in a folder of its own, which
 * is removed. Ends with 81: no docker; 82: no compose; 84: a file cannot be written; 85: compose refuses it; 87: the
 * engine does not answer.
 */
export const PLAN_SCRIPT = String.raw`
set -f
umask 077
${HELD_SCRIPT}
${BROUGHT_SCRIPT}
slipway_call=$1 slipway_state=$2 slipway_directory=$3 slipway_project=$4 slipway_kind=$5
slipway_group() {
  slipway_payload=
  while IFS= read -r slipway_line; do
    [ "$slipway_line" != . ] || return 0
    slipway_payload="$slipway_payload$slipway_line
"
  done
  exit 0
}
slipway_export() {
  slipway_ifs=$IFS
  IFS='
'
  for slipway_line in $1; do
    slipway_value=$(printf '%b_' "${'$'}{slipway_line#*=}")
    export "${'$'}{slipway_line%%=*}=${'$'}{slipway_value%_}"
  done
  IFS=$slipway_ifs
}
slipway_group; slipway_export "$slipway_payload"
slipway_group; slipway_real=$slipway_payload
slipway_group; slipway_shown=$slipway_payload
slipway_group; slipway_before=$slipway_payload
slipway_placed=$SLIPWAY_PLACED slipway_file=$SLIPWAY_FILE slipway_override=$SLIPWAY_OVERRIDE
unset SLIPWAY_PLACED SLIPWAY_FILE SLIPWAY_OVERRIDE

command -v docker >/dev/null 2>&1 || { echo "slipway: the command docker is not on the PATH of $(id -un)" >&2; exit 81; }
if docker compose version >/dev/null 2>&1; then slipway_compose='docker compose'
elif command -v docker-compose >/dev/null 2>&1; then slipway_compose=docker-compose
else echo "slipway: neither 'docker compose' nor 'docker-compose' is here for $(id -un)" >&2; exit 82; fi

slipway_ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$slipway_project") || exit 87
if [ -n "$slipway_ids" ]; then
  docker inspect --format "$slipway_call"' container [{{json .Id}},{{json .Name}},{{json .Config.Labels}},{{json .State.Status}}]' $slipway_ids
fi

slipway_new=$(mktemp -d) || exit 84
trap 'rm -rf -- "$slipway_new"' EXIT
trap 'exit 143' TERM HUP
{ printf '%s' "$slipway_file" >"$slipway_new/docker-compose.yml" && printf '%s' "$slipway_override" >"$slipway_new/images.yml"; } || exit 84
cd -- "$slipway_directory" 2>/dev/null || cd /

# slipway_ask FOLDER ARGUMENTS…: the files of Slipway lie in that folder.
slipway_ask() {
  slipway_from=$1
  shift
  slipway_rest="$*"
  set -- -p "$slipway_project" --project-directory "$slipway_directory"
  if [ "$slipway_kind" = placed ]; then
    for slipway_each in $slipway_placed; do set -- "$@" -f "$slipway_directory/$slipway_each"; done
  else
    set -- "$@" -f "$slipway_from/docker-compose.yml"
  fi
  $slipway_compose "$@" -f "$slipway_from/images.yml" $slipway_rest
}

# What is only shown is asked for meanwhile: where that fails, what will be done is known all the same.
(slipway_export "$slipway_shown"; slipway_ask "$slipway_new" config) >"$slipway_new/after" 2>/dev/null &
if [ -e "$slipway_state/images.yml" ] && { [ "$slipway_kind" = placed ] || [ -e "$slipway_state/docker-compose.yml" ]; }; then
  (slipway_export "$slipway_before"; slipway_ask "$slipway_state" config) >"$slipway_new/before" 2>/dev/null &
fi
printf '%s hashes\n' "$slipway_call"
(slipway_export "$slipway_real"; slipway_ask "$slipway_new" config --hash '*') || { wait; exit 85; }
wait
for slipway_each in after before; do
  [ -e "$slipway_new/$slipway_each" ] || continue
  printf '%s %s\n' "$slipway_call" "$slipway_each"
  cat -- "$slipway_new/$slipway_each"
done
exit 0
`
