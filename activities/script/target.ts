import { createHash } from 'node:crypto'
import type { HostEstate, TargetEstate } from '../../config/estate-schema.ts'
import type { AttemptContext } from '../context.ts'
import type { ActInput, RenderInput, Target } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect, type SshDeps } from '../ssh/connect.ts'
import { digestVariables } from '../ssh/digest-variables.ts'
import { renderCommand } from '../ssh/render-command.ts'
import { runFenced, type FencedEnd } from '../ssh/fenced.ts'
import { checkScript } from './check.ts'
import { decodeContent, encodeContent } from './content.ts'
import { lookAtScript } from './look.ts'
import { runScriptHook } from './run-hook.ts'
import { pathOf, RUN_SCRIPT } from './run-script.ts'
import { stateFolder } from './state-folder.ts'

export type ScriptTargetEstate = Extract<TargetEstate, { script: unknown }>['script']

export type ScriptSetup = { readonly target: ScriptTargetEstate; readonly host: HostEstate; readonly deps: SshDeps }

/**
 * The script that is already placed on a host, over ssh, with TAG and DIGEST_<SERVICE> exported. It promises less than
 * the other targets and says so: what it did is known by its exit code alone.
 */
export function createScriptTarget(setup: ScriptSetup): Target {
  return {
    render: (input) => Promise.resolve(render(setup.target, input)),
    renderHook: async (hook, input) => renderCommand(hook, input),
    runHook: (input, attempt) => runScriptHook(setup, input, attempt),
    apply: (input, attempt) => apply(setup, input, attempt),
    verify: (input) => Promise.resolve({ observed: observed(decodeContent(input.content).command) }),
    look: (input, attempt) => lookAtScript(setup, input, attempt),
    check: (attempt) => checkScript(setup, attempt),
  }
}

function render(target: ScriptTargetEstate, { tag, candidate }: RenderInput): Buffer {
  return encodeContent({ version: 1, command: target.command, variables: { TAG: tag, ...digestVariables(candidate) } })
}

async function apply(
  { target, host, deps }: ScriptSetup,
  input: ActInput,
  attempt: AttemptContext,
): Promise<{ changes: readonly string[]; logText: string }> {
  const content = decodeContent(input.content)
  const deadline = AbortSignal.timeout(target.timeoutSeconds * 1000)
  return withHeartbeat(attempt, `connecting to ${host.address}`, async (tell) => {
    const connection = await connect(host, deps, attempt.signal)
    try {
      const end = await runFenced(connection, {
        state: stateFolder(input),
        owner: `${input.project}/${input.environment}`,
        fence: input.fence,
        key: createHash('sha256').update(input.content).digest('hex').slice(0, 24),
        script: RUN_SCRIPT,
        variables: { ...content.variables, SLIPWAY_COMMAND: pathOf(content.command) },
        repeat: 'any',
        onLine: tell,
        signal: AbortSignal.any([attempt.signal, deadline]),
      })
      if (end.exitCode !== 0) throw failed(content.command, connection.place, end)
      return { changes: [`script ${content.command} ended with exit code 0`], logText: logOf(end) }
    } catch (error) {
      throw deadline.aborted && !attempt.signal.aborted && error === deadline.reason ? late(target, connection.place) : error
    } finally {
      connection.close()
    }
  })
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

function observed(command: string): readonly string[] {
  return [`${command} ended with exit code 0; which digests run now is not available for a script target, only health checks can tell`]
}
