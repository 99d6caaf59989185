import type { HostEstate, TargetEstate } from '../../config/estate-schema.ts'
import type { RenderInput, Target } from '../deploy/target.ts'
import type { Registry } from '../registry/client.ts'
import type { SshDeps } from '../ssh/connect.ts'
import { digestVariables } from '../ssh/digest-variables.ts'
import { renderCommand } from '../ssh/render-command.ts'
import { withSharedConnection } from '../ssh/share.ts'
import { applyScript } from './apply.ts'
import { checkScript } from './check.ts'
import { decodeContent, encodeContent } from './content.ts'
import { inspectScript } from './inspect.ts'
import { lookAtScript } from './look.ts'
import { planScript } from './plan.ts'
import { runScriptHook } from './run-hook.ts'

export type ScriptTargetEstate = Extract<TargetEstate, { script: unknown }>['script']

export type ScriptSetup = {
  readonly target: ScriptTargetEstate
  readonly host: HostEstate
  readonly deps: SshDeps
  readonly registry: Registry
}

/**
 * The script that is already placed on a host, over ssh, with TAG and DIGEST_<SERVICE> exported. It promises less than
 * the other targets and says so: what it did is known by its exit code alone, and a plan and drift only where it answers.
 */
export function createScriptTarget(setup: ScriptSetup): Target {
  const { answers = [] } = setup.target
  return {
    render: (input) => Promise.resolve(render(setup.target, input)),
    renderHook: async (hook, input) => renderCommand(hook, input),
    runHook: (input, attempt) => runScriptHook(setup, input, attempt),
    ...(answers.includes('plan') ? { plan: (input, attempt) => planScript(setup, input, attempt) } : {}),
    apply: (input, attempt) => applyScript(setup, input, attempt),
    // Only a health check on the host needs a connection.
    verify: ({ content, tag }, _, askHealth) =>
      withSharedConnection(setup.host, setup.deps, async (host) => ({
        observed: [...observed(decodeContent(content).command, tag), ...(await askHealth(host))],
      })),
    look: (input, attempt) => lookAtScript(setup, input, attempt),
    ...(answers.includes('status') ? { inspect: (input, attempt) => inspectScript(setup, input, attempt) } : {}),
    check: (attempt) => checkScript(setup, attempt),
  }
}

function render(target: ScriptTargetEstate, { tag, candidate }: RenderInput): Buffer {
  return encodeContent({ version: 1, command: target.command, variables: { TAG: tag, ...digestVariables(candidate) } })
}

function observed(command: string, tag: string): readonly string[] {
  return [
    `${command} ended with exit code 0, and ${tag} named the approved digests before it and after it; which digests run now is not available for a script target, only health checks can tell`,
  ]
}
