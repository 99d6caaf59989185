import { transient } from '../failure.ts'
import { hookKey, plainHookKey } from '../deploy/hook-key.ts'
import type { HookActInput, HookEnd } from '../deploy/target.ts'
import { endsWhatRuns } from '../cancellation.ts'
import type { Connection } from './connect.ts'
import { runFenced } from './fenced.ts'

export type RemoteHook = {
  /** As for a fenced run. */
  readonly state: string
  readonly input: HookActInput
  /** One of the scripts that begin as HOOK_BEGIN does. */
  readonly script: string
  readonly argv: readonly string[]
  /** Where it runs; empty for the user's home. */
  readonly directory: string
  /** What else the script needs, and what is exported to it. */
  readonly variables: Readonly<Record<string, string>>
  readonly redact: (text: string) => string
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** The failure that an end before the beginning stands for. */
  readonly unready: (code: number, output: string) => Error
}

/** Runs a hook under the host's fence, or follows the one that was begun, or reads how it ended. */
export async function runRemoteHook(connection: Connection, remote: RemoteHook): Promise<HookEnd> {
  const { input, argv } = remote
  const args = Object.fromEntries(argv.map((each, index) => [`SLIPWAY_ARG_${index}`, each]))
  const { output } = await runFenced(connection, {
    state: remote.state,
    owner: `${input.project}/${input.environment}`,
    fence: input.fence,
    key: `hook.${input.hook.name}.${input.hook.run}`,
    script: remote.script,
    variables: {
      ...remote.variables,
      ...args,
      SLIPWAY_HOOK: hookKey(input),
      SLIPWAY_HOOK_PLAIN: plainHookKey(input),
      SLIPWAY_TIMEOUT: String(input.hook.timeoutSeconds),
      SLIPWAY_DIRECTORY: remote.directory,
      SLIPWAY_ARGC: String(argv.length),
    },
    repeat: 'success',
    onLine: (line) => remote.say(remote.redact(line)),
    signal: remote.signal,
    ends: endsWhatRuns,
  })
  // The last line is the script's own, whatever the command printed before.
  const [printed, word = '', code = ''] = /^([^]*)\nslipway: (\S+) ?(\d*)\n$/.exec(output)?.slice(1) ?? [output]
  const logText = remote.redact(printed ?? '')
  const end = (outcome: HookEnd['outcome'], words: string): HookEnd => ({ outcome, words: `${words} on ${connection.place}`, logText })
  switch (word) {
    case 'ended':
      return end(code === '0' ? 'succeeded' : 'failed', `ended with exit code ${code}`)
    case 'late':
      return end('failed', `had not ended after ${input.hook.timeoutSeconds} s and was ended`)
    case 'stopped':
      return end('failed', 'was told to end, by a cancellation or by the host, and was ended')
    case 'unknown':
      return end('unknown', 'was begun, and there is neither a process nor an end of it')
    case 'unready':
      throw remote.unready(Number(code), logText)
    default:
      throw transient(`how the hook ${input.hook.name} ended on ${connection.place} cannot be read; it is asked again`)
  }
}
