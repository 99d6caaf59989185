/**
 * What runs of a compose project, in one go. Arguments: state folder, id of this call, project, then the images wanted.
 * Prints `<call> <epoch> <attempt> <whose>` of the fence (`0 0` without one), `<call> now <milliseconds>`, then one JSON array
 * with the project's containers and those of the images that are here.
 */
export const INSPECT_SCRIPT = String.raw`
set -f
epoch=0 attempt=0 identity=
if [ -e "$1/fence" ]; then { read -r epoch attempt rest; read -r identity; } <"$1/fence" || :; fi
printf '%s %s %s %s\n%s now %s\n' "$2" "$epoch" "$attempt" "$identity" "$2" "$(date +%s%3N)"
project=$3
shift 3
ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project") || exit 87
# What is not there is missing in the answer, and said on standard error.
docker inspect $ids "$@"
exit 0
`

/** The last log lines of containers. Arguments: their ids. Prints `<id>` on a line, then at most 20 lines. */
export const LOGS_SCRIPT = String.raw`
for id in "$@"; do
  printf '%s\n' "$id"
  docker logs --tail 20 "$id" 2>&1 | tail -c 8192
  echo
done
`
