import { randomUUID } from 'node:crypto'
import type { HostEstate } from '../../config/estate-schema.ts'
import type { AttemptContext } from '../context.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect, type SshDeps } from './connect.ts'
import { remoteCommand } from './quote.ts'
import { run } from './run.ts'

/** What every host needs, before a target's own script. It prints `<call> lacks <sentence>` for what is missing. */
const COMMON = String.raw`
call=$1
shift
lacks() { printf '%s lacks %s\n' "$call" "$*"; }
has() { printf '%s has %s\n' "$call" "$*"; }
for tool in flock setsid; do command -v "$tool" >/dev/null 2>&1 || lacks "the command $tool; install util-linux"; done
tail --version 2>/dev/null | grep -q coreutils || lacks "tail of GNU coreutils; install coreutils"
`

/**
 * Logs in and looks for what a deployment needs on the host, changing nothing. The script says what is there by
 * `has …` and what is not by `lacks …`.
 *
 * @returns a sentence of what is there; all that is missing is one permanent `InvalidConfiguration`
 */
export async function checkHost(
  host: HostEstate,
  deps: SshDeps,
  script: string,
  args: readonly string[],
  attempt: AttemptContext,
): Promise<string> {
  const { signal } = attempt
  const call = randomUUID()
  return withHeartbeat(attempt, `looking at ${host.address}`, async () => {
    const connection = await connect(host, deps, signal)
    try {
      const { stdout } = await run(connection, { command: remoteCommand(`${COMMON}${script}`, [call, ...args]), signal })
      return judge(connection.place, said(stdout, `${call} lacks `), said(stdout, `${call} has `))
    } finally {
      connection.close()
    }
  })
}

function said(stdout: string, start: string): readonly string[] {
  return stdout.split('\n').flatMap((line) => (line.startsWith(start) ? line.slice(start.length) : []))
}

function judge(place: string, lacks: readonly string[], has: readonly string[]): string {
  if (lacks.length > 0) throw permanent('InvalidConfiguration', `${place} lacks ${lacks.join('; and it lacks ')}`)
  if (has.length > 0) return `${place}: ${has.join(', ')}`
  throw permanent(
    'InvalidConfiguration',
    `${place} takes the login and does not run commands; the user needs a POSIX shell and no forced command`,
  )
}
