import { randomUUID } from 'node:crypto'
import { permanent } from '../failure.ts'
import type { HookActInput } from '../deploy/target.ts'
import type { Connection } from '../ssh/connect.ts'
import { variableLines } from '../ssh/variable-lines.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import { applyFailure } from './apply-failure.ts'
import { PLACED_SCRIPT } from './apply-script.ts'
import { parseComposeFile } from './compose-file.ts'
import { matchImages } from './match-images.ts'
import type { ComposeSetup } from './target.ts'

export type Placed = {
  /** Names below the folder, in the order in which compose merges them. */
  readonly files: readonly string[]
  readonly overrides: Readonly<Record<string, string>>
  readonly format: string | null
}

type PlacedInput = {
  readonly setup: ComposeSetup
  readonly input: Pick<HookActInput, 'candidate' | 'tag'>
  readonly registry: string
  readonly environment: Readonly<Record<string, string>>
  readonly redact: (text: string) => string
  readonly signal: AbortSignal
}

/**
 * Asks compose on the host what it makes of the files that lie there, since includes, `.env` and overrides of theirs are
 * known to it alone, and finds where the candidate's images are used.
 */
export async function readPlaced(
  connection: Connection,
  { setup, input, registry, environment, redact, signal }: PlacedInput,
): Promise<Placed> {
  const { directory } = setup.target
  const where = `the compose file in ${directory} on ${connection.place}`
  const call = randomUUID()
  const result = await run(connection, {
    command: remoteCommand(PLACED_SCRIPT, [directory, call]),
    stdin: variableLines(environment),
    signal,
  })
  if (result.exitCode === 86)
    throw permanent('InvalidConfiguration', `expected ${where}, found none; place it there, or set "file: repository" in the estate`)
  if (result.exitCode !== 0) throw applyFailure(result.exitCode, redact(result.stderr), connection.place)
  const start = result.stdout.indexOf(`${call} `)
  const end = result.stdout.indexOf('\n', start)
  const files = result.stdout.slice(start + call.length + 1, end).split(' ')
  // compose has put every variable in its place, so that TAG can no longer be told from a tag of the file's own.
  const parsed = parseComposeFile(result.stdout.slice(end + 1), where)
  if (!parsed.ok) throw permanent('InvalidConfiguration', parsed.problem)
  const matched = matchImages({ ...input, registry, services: parsed.value.services, variables: {}, where })
  if (!matched.ok) throw permanent('InvalidConfiguration', matched.problem)
  return { files, overrides: matched.value, format: parsed.value.version }
}
