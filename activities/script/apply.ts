import type { AttemptContext } from '../context.ts'
import type { ActInput } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { actionKey } from '../ssh/action-key.ts'
import { connect, type Connection } from '../ssh/connect.ts'
import { fenced, runFenced, type FencedEnd } from '../ssh/fenced.ts'
import { expectApproved, moveToApproved, movedMeanwhile } from './approved-tag.ts'
import { readEpoch } from './ask.ts'
import { decodeContent } from './content.ts'
import { pathOf, RUN_SCRIPT } from './run-script.ts'
import { stateFolder } from './state-folder.ts'
import type { ScriptSetup, ScriptTargetEstate } from './target.ts'
import { isAnswered } from './words.ts'

/** Runs the script under the fence, with TAG on the approved digests before it and after it. */
export async function applyScript(
  { target, host, deps, registry }: ScriptSetup,
  input: ActInput,
  attempt: AttemptContext,
): Promise<{ changes: readonly string[]; logText: string }> {
  const content = decodeContent(input.content)
  const word = input.takeBack === true && isAnswered(target, content, 'restore') ? 'restore' : ''
  const deadline = AbortSignal.timeout(target.timeoutSeconds * 1000)
  const approved = { registry, candidate: input.candidate, tag: input.tag }
  return withHeartbeat(attempt, `connecting to ${host.address}`, async (tell) => {
    const connection = await connect(host, deps, attempt.signal)
    try {
      // Who came late moves no tag either.
      await expectNotOvertaken(connection, input, attempt.signal)
      const moved = await moveToApproved(approved, attempt.signal)
      const end = await runFenced(connection, {
        state: stateFolder(input),
        owner: `${input.project}/${input.environment}`,
        fence: input.fence,
        key: actionKey(input, word),
        script: RUN_SCRIPT,
        variables: { ...content.variables, SLIPWAY_COMMAND: pathOf(content.command), SLIPWAY_WORD: word },
        repeat: 'any',
        onLine: tell,
        signal: AbortSignal.any([attempt.signal, deadline]),
      })
      if (end.exitCode !== 0) throw failed(content.command, connection.place, end)
      // It was begun by an attempt that left TAG where it belongs: what had to be moved now was moved while it ran.
      if (end.way !== 'new' && moved.length > 0) throw movedMeanwhile(approved, moved)
      await expectApproved(approved, attempt.signal)
      const ran = `script ${content.command}${word === '' ? '' : ` ${word}`} ended with exit code 0`
      return {
        changes: [...moved.map(({ image }) => `${image.repository}:${input.tag} moved to ${image.digest}`), ran],
        logText: logOf(end),
      }
    } catch (error) {
      throw deadline.aborted && !attempt.signal.aborted && error === deadline.reason ? late(target, connection.place) : error
    } finally {
      connection.close()
    }
  })
}

async function expectNotOvertaken(connection: Connection, input: ActInput, signal: AbortSignal): Promise<void> {
  const epoch = await readEpoch(connection, input, signal)
  if (epoch > input.fence.epoch) throw fenced(connection.place, input.fence, { epoch, attempt: 1 })
}

function logOf({ way, output }: FencedEnd): string {
  return `${way === 'new' ? '' : 'The connection was lost on the way; this is what the script that went on without it printed.\n'}${output}`
}

function failed(command: string, place: string, { exitCode, output }: FencedEnd): Error {
  const lines = output
    .split('\n')
    .map((line) => line.trim().slice(0, 500))
    .filter((line) => line !== '')
    .slice(-20)
  const last = lines.at(-1)
  return permanent(
    'RolloutFailed',
    `the script ${command} on ${place} ended with exit code ${exitCode}${last === undefined ? ', without a word' : `: ${last}`}`,
    {
      observed: lines,
    },
  )
}

function late(target: ScriptTargetEstate, place: string): Error {
  return permanent(
    'RolloutFailed',
    `the script ${target.command} on ${place} had not ended after ${target.timeoutSeconds} s and was ended; look at what it does there, or raise timeoutSeconds in the estate`,
    {
      observed: [],
    },
  )
}
