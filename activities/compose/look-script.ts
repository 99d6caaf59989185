import { HELD_SCRIPT } from '../ssh/held-epoch.ts'
import { BROUGHT_SCRIPT } from './inventory-script.ts'

/**
 * The containers of a compose project, whoever started them, in one go. Arguments: id of this call, state folder, folder
 * of the compose file, then names that the project may have. A container belongs to it by its project's name or by the
 * folder that it was started from. Prints the fence and what was brought up, then `<call> container <json>` and `<call> image <json>` for each.
 * Ends with 81: no docker; 87: the engine does not answer.
 */
export const LOOK_SCRIPT = String.raw`
set -f
${HELD_SCRIPT}
${BROUGHT_SCRIPT}
call=$1 directory=$3
shift 3
command -v docker >/dev/null 2>&1 || { echo "slipway: the command docker is not on the PATH of $(id -un)" >&2; exit 81; }
ids=$(
  docker ps -aq --no-trunc --filter "label=com.docker.compose.project.working_dir=$directory" || exit 87
  for project; do docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" || exit 87; done
) || exit 87
[ -n "$ids" ] || exit 0
ids=$(printf '%s\n' "$ids" | sort -u)
docker inspect --format "$call"' container [{{json .Config.Labels}},{{json .Config.Image}},{{json .Image}},{{json .State.Status}}]' $ids
images=$(docker inspect --format '{{.Image}}' $ids | sort -u)
docker image inspect --format "$call"' image [{{json .Id}},{{json .RepoDigests}}]' $images
exit 0
`
