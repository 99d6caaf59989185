import { permanent, transient } from '../failure.ts'

/** What time may mend: the engine, the registry or the network between them is away. */
const AWAY =
  /connection refused|connection reset|i\/o timeout|timeout exceeded|TLS handshake timeout|no such host|temporary failure|network is unreachable|no route to host|unexpected EOF|Client\.Timeout|context deadline exceeded|toomanyrequests|(?:50[0234]|429) (?:Internal|Bad|Service|Gateway|Too Many)|received unexpected HTTP status: 5|Read timed out/i
const NO_ENGINE = /Cannot connect to the Docker daemon|Couldn't connect to Docker daemon|error during connect/i
const DENIED = /unauthorized|denied|no basic auth|authentication required/i
const MISSING = /manifest unknown|not found: manifest|manifest for .* not found|repository .* not found|name unknown/i
const NO_RIGHT = /permission denied while trying to connect|Got permission denied/i
const BAD_FILE =
  /Compose file .* is invalid|validating .*\.ya?ml|additional propert|invalid compose project|Unsupported config option|Missing mandatory value|required variable|Invalid interpolation|yaml: |undefined (?:network|volume|service)|has neither an image|is missing a value/i

/** The failure that an ended apply script stands for. `output` is already without secrets. */
export function applyFailure(exitCode: number, output: string, place: string): Error {
  const lines = lastLines(output)
  const said = lines.length > 0 ? `: ${reason(lines)}` : ', without a word'
  const details = { lastLines: lines }
  if (exitCode === 143) return transient(`docker-compose on ${place} was ended from outside${said}`)
  if (NO_RIGHT.test(output))
    return permanent(
      'Refused',
      `the user on ${place} may not use the Docker engine${said}; add it to the group of the engine's socket`,
      details,
    )
  if (NO_ENGINE.test(output)) return transient(`the Docker engine on ${place} does not answer${said}`)
  if (/No space left on device|disk quota exceeded/i.test(output)) return transient(`the disk of ${place} is full${said}`)
  switch (exitCode) {
    case 81:
    case 82:
      return permanent(
        'InvalidConfiguration',
        `${place} cannot run compose${said}; install the Docker CLI with its compose plugin, or docker-compose`,
        details,
      )
    case 83:
      if (DENIED.test(output)) {
        return permanent(
          'Refused',
          `the registry refuses the Docker engine on ${place}${said}; log the engine's user in there once, by \`docker login\``,
          details,
        )
      }
      if (MISSING.test(output)) return permanent('NotFound', `the registry has no such image for ${place}${said}`, details)
      return transient(`the image cannot be pulled on ${place}${said}`)
    case 84:
      return permanent('InvalidConfiguration', `files cannot be written on ${place}${said}`, details)
    default:
      if (BAD_FILE.test(output))
        return permanent('InvalidConfiguration', `compose on ${place} does not accept the compose file${said}`, details)
      if (AWAY.test(output)) return transient(`compose on ${place} could not reach what it needs${said}`)
      return permanent('RolloutFailed', `compose up failed on ${place}${said}`, { observed: lines })
  }
}

/** The line that says most, the last one with an error in it or else the last, and what follows its colon. */
function reason(lines: readonly string[]): string {
  const at = lines.findLastIndex((line) => /error|failed|cannot|denied|invalid|missing|not found|slipway:/i.test(line))
  const line = lines.at(at) ?? ''
  return at >= 0 && line.endsWith(':') ? `${line} ${lines[at + 1] ?? ''}`.trim() : line
}

function lastLines(output: string): readonly string[] {
  return output
    .split('\n')
    .map((line) => line.trim().slice(0, 500))
    .filter((line) => line !== '')
    .slice(-20)
}
