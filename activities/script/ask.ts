import { randomUUID } from 'node:crypto'
import type { AttemptContext } from '../context.ts'
import { permanent, transient } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { runBounded } from '../ssh/bounded.ts'
import { connect, type Connection } from '../ssh/connect.ts'
import { HELD_SCRIPT, heldEpoch } from '../ssh/held-epoch.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import type { ScriptContent } from './content.ts'
import { FIND_SCRIPT, pathOf } from './run-script.ts'
import { stateFolder } from './state-folder.ts'
import type { ScriptSetup } from './target.ts'
import { isAnswered } from './words.ts'

export type Asked = {
  readonly project: string
  readonly environment: string
  readonly content: ScriptContent
  readonly word: 'plan' | 'status'
}

/** `epoch`: what the fence holds. `lines`: what it printed, without empty ones at the end. */
export type ScriptSays = { readonly code: number; readonly lines: readonly string[]; readonly place: string; readonly epoch: number }

/** Whoever asks waits for it, and the activity's own time is a minute. */
const LIMIT_SECONDS = 45
const MOST_CHARACTERS = 262_144

/** Calls the script with a word that changes nothing: no fence is taken, only read. */
export async function askScript({ target, host, deps }: ScriptSetup, asked: Asked, attempt: AttemptContext): Promise<ScriptSays> {
  const { content, word } = asked
  if (!isAnswered(target, content, word)) {
    throw permanent(
      'InvalidConfiguration',
      `the estate says of ${target.command} that it answers ${word}, and what is asked about was put there by ${content.command}: not available`,
    )
  }
  return withHeartbeat(attempt, `asking ${target.command} on ${host.address} for its ${word}`, async (_say, signal) => {
    const connection = await connect(host, deps, signal)
    try {
      const epoch = await readEpoch(connection, asked, signal)
      const says = `the script ${content.command} ${word}`
      const limitSeconds = Math.min(LIMIT_SECONDS, target.timeoutSeconds)
      const argv = ['sh', '-c', `${FIND_SCRIPT}\nexec "$@"`, 'slipway', pathOf(content.command), word]
      const { code, output } = await runBounded(connection, { says, argv, variables: content.variables, limitSeconds, signal })
      if (code === null) throw transient(`${says} on ${connection.place} had not ended after ${limitSeconds} s and was ended`)
      return { code, lines: linesOf(output), place: connection.place, epoch }
    } finally {
      connection.close()
    }
  })
}

/** @throws where the folder is another environment's */
export async function readEpoch(
  connection: Connection,
  { project, environment }: Pick<Asked, 'project' | 'environment'>,
  signal: AbortSignal,
): Promise<number> {
  const fence = { call: randomUUID(), state: stateFolder({ project, environment }), owner: `${project}/${environment}` }
  const { stdout } = await run(connection, { command: remoteCommand(HELD_SCRIPT, [fence.call, fence.state]), signal })
  return heldEpoch(connection, fence, stdout)
}

function linesOf(output: string): readonly string[] {
  const text = output.slice(-MOST_CHARACTERS).trimEnd()
  return text === '' ? [] : text.split('\n').map((line) => line.trimEnd())
}
