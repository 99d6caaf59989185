import type { AttemptContext } from '../context.ts'
import { checkHost } from '../ssh/check.ts'
import type { ComposeSetup } from './target.ts'

/** Arguments: the folder, "placed" or "repository". */
const SCRIPT = String.raw`
if command -v docker >/dev/null 2>&1; then
  if engine=$(docker version --format '{{.Server.Version}}' 2>&1); then has "Docker engine $engine"
  else lacks "a Docker engine that answers $(id -un): $(printf '%s' "$engine" | tail -n 1)"; fi
else lacks "the command docker on the PATH of $(id -un)"; fi
if version=$(docker compose version --short 2>/dev/null); then has "docker compose $version"
elif version=$(docker-compose version --short 2>/dev/null); then has "docker-compose $version"
else lacks "docker compose or docker-compose"; fi
at=$1
while [ ! -e "$at" ] && [ "$at" != / ]; do at=$(dirname "$at"); done
if [ -d "$at" ] && [ -w "$at" ]; then has "a folder $1 that can be written"
else lacks "a folder $1 that $(id -un) can write"; fi
if [ "$2" = placed ]; then
  for file in compose.yaml compose.yml docker-compose.yml docker-compose.yaml ''; do [ ! -f "$1/$file" ] || break; done
  if [ -n "$file" ]; then has "the placed $file"; else lacks "a compose file in $1; place it there, or set 'file: repository' in the estate"; fi
fi
`

export function checkCompose({ target, host, deps }: ComposeSetup, attempt: AttemptContext): Promise<string> {
  return checkHost(host, deps, SCRIPT, [target.directory, target.file], attempt)
}
