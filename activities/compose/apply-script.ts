import { REMEMBER_SCRIPT } from './inventory-script.ts'

/**
 * Brings the compose project up, as the action of a fenced run: POSIX sh, a constant, everything else in SLIPWAY_…
 * variables, which compose does not get to see. Runs in the state folder. Ends with 81: no docker; 82: no compose;
 * 83: an image cannot be had; 84: a file cannot be written; 85: compose failed.
 */
export const APPLY_SCRIPT = String.raw`
${REMEMBER_SCRIPT}
# Names of our own, for whatever else is exported belongs to the compose file.
trap 'exit 143' TERM
set -f
umask 077
slipway_state=$PWD slipway_directory=$SLIPWAY_DIRECTORY slipway_project=$SLIPWAY_PROJECT slipway_images=$SLIPWAY_IMAGES
slipway_services=$SLIPWAY_SERVICES slipway_brings=$SLIPWAY_BROUGHT slipway_known=$SLIPWAY_KNOWN slipway_placed=$SLIPWAY_PLACED
slipway_file=$SLIPWAY_FILE slipway_override=$SLIPWAY_OVERRIDE
unset SLIPWAY_DIRECTORY SLIPWAY_PROJECT SLIPWAY_IMAGES SLIPWAY_SERVICES SLIPWAY_BROUGHT SLIPWAY_KNOWN SLIPWAY_PLACED SLIPWAY_FILE SLIPWAY_OVERRIDE

command -v docker >/dev/null 2>&1 || { echo "slipway: the command docker is not on the PATH of $(id -un)"; exit 81; }

# What takes time on its own goes on meanwhile: the images, and the question which compose is here.
slipway_pulls=
for slipway_each in $slipway_images; do
  {
    docker pull "$slipway_each" ||
      { docker image inspect "$slipway_each" >/dev/null 2>&1 && echo "slipway: $slipway_each is here already"; }
  } &
  slipway_pulls="$slipway_pulls $!"
done
docker compose version >/dev/null 2>&1 &
slipway_plugin=$!

# An interrupted up renames a container to <12 hex>_<name> and leaves it in the way of the next one. The one that has the
# name stays, whichever that is, and so do its volumes.
docker ps -a --filter "label=com.docker.compose.project=$slipway_project" --format '{{.ID}} {{.Names}}' |
  while read -r slipway_id slipway_name; do
    slipway_hex='[0-9a-f][0-9a-f][0-9a-f][0-9a-f]'
    case $slipway_name in
      $slipway_hex$slipway_hex$slipway_hex"_"*)
        if docker container inspect "${'$'}{slipway_name#*_}" >/dev/null 2>&1; then
          docker rm -f "$slipway_id" >/dev/null
        else
          docker rename "$slipway_id" "${'$'}{slipway_name#*_}"
        fi && echo "slipway: cleared the leftover container $slipway_name" ;;
    esac
  done

slipway_failed=
for slipway_each in $slipway_pulls; do wait "$slipway_each" || slipway_failed=1; done
[ -z "$slipway_failed" ] || exit 83

if wait "$slipway_plugin"; then slipway_compose='docker compose'
elif command -v docker-compose >/dev/null 2>&1; then slipway_compose=docker-compose
else echo "slipway: neither 'docker compose' nor 'docker-compose' is here for $(id -un)"; exit 82; fi

# slipway_place FILE TEXT: keeps the one before.
slipway_place() {
  if [ -e "$1" ]; then mv -f -- "$1" "$1.previous" || return 1; fi
  printf '%s' "$2" >"$1"
}
slipway_place "$slipway_state/images.yml" "$slipway_override" || exit 84
if [ -n "$slipway_placed" ]; then
  set --
  for slipway_each in $slipway_placed; do set -- "$@" -f "$slipway_directory/$slipway_each"; done
else
  slipway_place "$slipway_state/docker-compose.yml" "$slipway_file" || exit 84
  set -- -f "$slipway_state/docker-compose.yml"
fi
set -- "$@" -f "$slipway_state/images.yml"
# What a repository brings is built where images are built.
slipway_build=
[ -n "$slipway_placed" ] || slipway_build=--no-build
cd -- "$slipway_directory" || exit 84
slipway_remember $slipway_brings || exit 84
rm -f -- "$slipway_state/applied"
# slipway_containers SERVICE
slipway_containers() {
  docker ps -aq --filter "label=com.docker.compose.project=$slipway_project" --filter "label=com.docker.compose.service=$1"
}
# A placed file is not known here: what has left it is its owner's to remove.
slipway_remove_gone() {
  [ -z "$slipway_placed" ] || return 0
  for slipway_each in $(slipway_brought); do
    case " $slipway_known " in *" $slipway_each "*) continue ;; esac
    for slipway_id in $(slipway_containers "$slipway_each"); do
      docker stop "$slipway_id" >/dev/null && docker rm "$slipway_id" >/dev/null &&
        echo "slipway: removed the container of $slipway_each, which the compose file does not have"
    done
    # What could not be removed is tried again by the next deployment.
    if slipway_left=$(slipway_containers "$slipway_each") && [ -z "$slipway_left" ]; then slipway_forget_service "$slipway_each"; fi
  done
}
slipway_up() {
  $slipway_compose -p "$slipway_project" --project-directory "$slipway_directory" "$@" up -d $slipway_build $slipway_services
}
# What is gone may hold what has come by now, such as a port of a service that has another name: then it goes first.
slipway_up "$@" || { slipway_remove_gone && slipway_up "$@"; } || exit 85
slipway_remove_gone

# What runs now is what was applied, for a later look to be held against: names and hashes, no value of any variable.
slipway_ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$slipway_project")
if docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.Image}} {{index .Config.Labels "com.docker.compose.config-hash"}} {{index .Config.Labels "com.docker.compose.oneoff"}}' $slipway_ids >"$slipway_state/applied.new"; then
  mv -f -- "$slipway_state/applied.new" "$slipway_state/applied"
fi
exit 0
`

/**
 * What compose makes of the content's file with the images by digest. Arguments: the folder, id of this call, the project.
 * Variables on standard input as for a fenced run. Prints `<call>` on a line, then compose's own resolved configuration.
 * Leaves nothing behind. Ends with 82: no compose; 84: a file cannot be written; 85: compose failed; 86: no folder.
 */
export const EFFECTIVE_SCRIPT = String.raw`
set -f
umask 077
while IFS= read -r slipway_line; do
  [ "$slipway_line" != . ] || break
  slipway_value=$(printf '%b_' "${'$'}{slipway_line#*=}")
  export "${'$'}{slipway_line%%=*}=${'$'}{slipway_value%_}"
done
slipway_file=$SLIPWAY_FILE slipway_override=$SLIPWAY_OVERRIDE
unset SLIPWAY_FILE SLIPWAY_OVERRIDE
cd -- "$1" 2>/dev/null || exit 86
slipway_temporary=$(mktemp -d) || exit 84
trap 'rm -rf -- "$slipway_temporary"' EXIT
trap 'exit 143' HUP TERM
printf '%s' "$slipway_file" >"$slipway_temporary/docker-compose.yml" || exit 84
printf '%s' "$slipway_override" >"$slipway_temporary/images.yml" || exit 84
if docker compose version >/dev/null 2>&1; then slipway_compose='docker compose'
elif command -v docker-compose >/dev/null 2>&1; then slipway_compose=docker-compose
else exit 82; fi
printf '%s\n' "$2"
$slipway_compose -p "$3" --project-directory "$1" -f "$slipway_temporary/docker-compose.yml" -f "$slipway_temporary/images.yml" config || exit 85
`

/**
 * For a placed compose file: which files lie there, and what compose makes of them. Arguments: the folder. Variables on
 * standard input as for a fenced run. Prints the files on one line, then compose's own resolved configuration. Ends with
 * 82: no compose; 86: no compose file; 85: compose failed.
 */
export const PLACED_SCRIPT = String.raw`
set -f
while IFS= read -r slipway_line; do
  [ "$slipway_line" != . ] || break
  slipway_value=$(printf '%b_' "${'$'}{slipway_line#*=}")
  export "${'$'}{slipway_line%%=*}=${'$'}{slipway_value%_}"
done
cd -- "$1" 2>/dev/null || exit 86
if docker compose version >/dev/null 2>&1; then slipway_compose='docker compose' slipway_names='compose.yaml compose.yml docker-compose.yml docker-compose.yaml'
elif command -v docker-compose >/dev/null 2>&1; then slipway_compose=docker-compose slipway_names='docker-compose.yml docker-compose.yaml compose.yml compose.yaml'
else exit 82; fi
slipway_files=
for slipway_name in $slipway_names; do
  [ -z "$slipway_files" ] && [ -f "$slipway_name" ] || continue
  slipway_files=$slipway_name
  for slipway_end in yml yaml; do
    slipway_over=${'$'}{slipway_name%.*}.override.$slipway_end
    if [ -f "$slipway_over" ]; then slipway_files="$slipway_files $slipway_over"; break; fi
  done
done
[ -n "$slipway_files" ] || exit 86
printf '%s %s\n' "$2" "$slipway_files"
set --
for slipway_name in $slipway_files; do set -- "$@" -f "$slipway_name"; done
$slipway_compose "$@" config || exit 85
`
