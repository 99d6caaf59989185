import type { AttemptContext } from '../context.ts'
import { checkHost } from '../ssh/check.ts'
import { pathOf } from './run-script.ts'
import type { ScriptSetup } from './target.ts'

/** Argument: the script's path. */
const SCRIPT = String.raw`
if [ ! -e "$1" ]; then lacks "the script $1 for $(id -un); place it there"
elif [ ! -x "$1" ]; then lacks "the right of $(id -un) to run the script $1; chmod +x it"
else has "the script $1"; fi
[ -w . ] || lacks "a home folder that $(id -un) can write"
`

export function checkScript({ target, host, deps }: ScriptSetup, attempt: AttemptContext): Promise<string> {
  return checkHost(host, deps, SCRIPT, [pathOf(target.command)], attempt)
}
