import type { AttemptContext } from '../context.ts'
import type { HookActInput, HookEnd } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect } from '../ssh/connect.ts'
import { decodeHook } from '../ssh/hook-content.ts'
import { COMMAND_HOOK_SCRIPT } from '../ssh/hook-script.ts'
import { runRemoteHook } from '../ssh/hook.ts'
import { unfitting } from '../ssh/render-command.ts'
import { stateFolder } from './state-folder.ts'
import type { ScriptSetup } from './target.ts'

/** A command on the host of a placed script, from the user's home. */
export async function runScriptHook({ host, deps }: ScriptSetup, input: HookActInput, attempt: AttemptContext): Promise<HookEnd> {
  const hook = decodeHook(input.hook.content)
  if (hook.kind !== 'command') throw unfitting(input.hook.name, input.environment, '{ name, command }')
  return withHeartbeat(attempt, `connecting to ${host.address}`, async (say, signal) => {
    const connection = await connect(host, deps, signal)
    try {
      return await runRemoteHook(connection, {
        state: stateFolder(input),
        input,
        script: COMMAND_HOOK_SCRIPT,
        argv: hook.argv,
        directory: '',
        variables: hook.variables,
        // A placed script's secrets are its own.
        redact: (text) => text,
        say,
        signal,
        unready: () => permanent('InvalidConfiguration', `files cannot be written below ${stateFolder(input)} on ${connection.place}`),
      })
    } finally {
      connection.close()
    }
  })
}
