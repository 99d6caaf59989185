import { HELD_SCRIPT } from '../ssh/held-epoch.ts'
import { BROUGHT_SCRIPT } from './inventory-script.ts'

/**
 * What was applied, and what is there of the project now. Arguments: id of this call, state folder, project. Prints the
 * fence, what was brought up, `<call> applied <line>` for each container as the newest apply left them, then `<call> container <json>` and
 * `<call> image <json>`. What containers were given stands in it: it is for comparing alone. Ends with 81: no docker; 87:
 * the engine does not answer.
 */
export const LIVE_SCRIPT = String.raw`
set -f
${HELD_SCRIPT}
${BROUGHT_SCRIPT}
call=$1
command -v docker >/dev/null 2>&1 || { echo "slipway: the command docker is not on the PATH of $(id -un)" >&2; exit 81; }
if [ -e "$2/applied" ]; then
  while IFS= read -r line; do printf '%s applied %s\n' "$call" "$line"; done <"$2/applied"
fi
ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$3") || exit 87
[ -n "$ids" ] || exit 0
docker inspect --format "$call"' container {"name":{{json .Name}},"created":{{json .Created}},"image":{{json .Image}},"status":{{json .State.Status}},"exitCode":{{json .State.ExitCode}},"finished":{{json .State.FinishedAt}},"labels":{{json .Config.Labels}},"env":{{json .Config.Env}},"ports":{{json .HostConfig.PortBindings}},"restart":{{json .HostConfig.RestartPolicy.Name}},"mounts":{{json .Mounts}}}' $ids
images=$(docker inspect --format '{{.Image}}' $ids | sort -u)
docker image inspect --format "$call"' image {"id":{{json .Id}},"digests":{{json .RepoDigests}},"env":{{json .Config.Env}}}' $images
exit 0
`
