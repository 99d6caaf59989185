import type { AttemptContext } from '../context.ts'
import type { HookActInput, HookEnd } from '../deploy/target.ts'
import { permanent, transient } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect, type Connection } from '../ssh/connect.ts'
import { decodeHook } from '../ssh/hook-content.ts'
import { COMMAND_HOOK_SCRIPT } from '../ssh/hook-script.ts'
import { runRemoteHook, type RemoteHook } from '../ssh/hook.ts'
import { applyFailure } from './apply-failure.ts'
import { decodeContent, type ComposeContent } from './content.ts'
import { COMPOSE_HOOK_SCRIPT } from './hook-script.ts'
import { overrideFile } from './override-file.ts'
import { readPlaced } from './placed.ts'
import { redactor } from './redact.ts'
import { resolveSecrets } from './secrets.ts'
import type { ComposeSetup } from './target.ts'

/** Runs a hook of a compose target on its host: a service by `docker-compose run`, or a command in the folder. */
export async function runComposeHook(setup: ComposeSetup, input: HookActInput, attempt: AttemptContext): Promise<HookEnd> {
  const content = decodeContent(input.content)
  const hook = decodeHook(input.hook.content)
  const secrets = await resolveSecrets(content.secrets, setup)
  const redact = redactor(Object.values(secrets))
  const { directory } = setup.target
  return withHeartbeat(attempt, `connecting to ${setup.host.address}`, async (say, signal) => {
    const connection = await connect(setup.host, setup.deps, signal)
    const common = { state: `${directory}/.slipway`, input, directory, redact, say, signal }
    try {
      if (hook.kind === 'command') {
        const unready = () => permanent('InvalidConfiguration', `files cannot be written below ${directory} on ${connection.place}`)
        return await runRemoteHook(connection, {
          ...common,
          script: COMMAND_HOOK_SCRIPT,
          argv: hook.argv,
          variables: hook.variables,
          unready,
        })
      }
      return await runService(connection, { ...common, setup, content, hook, environment: { ...content.variables, ...secrets } })
    } finally {
      connection.close()
    }
  })
}

type ServiceRun = Omit<RemoteHook, 'script' | 'argv' | 'variables' | 'unready'> & {
  readonly setup: ComposeSetup
  readonly content: ComposeContent
  readonly hook: Extract<ReturnType<typeof decodeHook>, { kind: 'compose' }>
  readonly environment: Readonly<Record<string, string>>
}

async function runService(connection: Connection, run: ServiceRun): Promise<HookEnd> {
  const { setup, content, hook, environment, input, redact, signal } = run
  const { registry, file, project } = content
  const placed = file === null ? await readPlaced(connection, { setup, input, registry, environment, redact, signal }) : null
  const overrides = placed?.overrides ?? content.overrides
  return await runRemoteHook(connection, {
    ...run,
    script: COMPOSE_HOOK_SCRIPT,
    argv: hook.argv ?? [],
    variables: {
      ...environment,
      SLIPWAY_PROJECT: project,
      SLIPWAY_SERVICE: hook.service,
      SLIPWAY_IMAGE: (Object.hasOwn(overrides, hook.service) ? overrides[hook.service] : null) ?? '',
      SLIPWAY_PREFIX: `slipway.${input.project}.${input.environment}`,
      SLIPWAY_PLACED: placed?.files.join(' ') ?? '',
      SLIPWAY_FILE: file ?? '',
      SLIPWAY_OVERRIDE: overrideFile(overrides, placed ? placed.format : content.format, hook.service),
    },
    unready: (code, output) => unready(code, output, connection.place, hook.service),
  })
}

/** Nothing was begun. What compose itself refuses is the hook's failure, for there was never a rollout. */
function unready(code: number, output: string, place: string, service: string): Error {
  if (code === 88) return transient(`the Docker engine on ${place} cannot be asked now how the hook goes on: ${output.trim().slice(-300)}`)
  const failure = applyFailure(code, output, place)
  if (!('type' in failure) || failure.type !== 'RolloutFailed') return failure
  return permanent('HookFailed', `compose on ${place} cannot run the service ${service}: ${lastLine(output)}`, { observed: [], log: null })
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 500) ?? ''
}
