import { ApplicationFailure } from '@temporalio/common'
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
import { fileVariables } from './file-variables.ts'
import { broughtByHook } from './inventory.ts'
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
  const placed = file === null ? await readPlaced(connection, { setup, input, registry, environment, redact, signal }).catch(refused) : null
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
      // compose projects are told apart by their names, and so are their hooks' containers.
      SLIPWAY_PREFIX: `slipway.${project}`,
      SLIPWAY_BROUGHT: broughtByHook(content, hook.service).join(' '),
      ...fileVariables(content, placed, hook.service),
    },
    unready: (code, output) => unready(code, output, connection.place, hook.service),
  })
}

/** Nothing was begun. What compose itself refuses is the hook's failure, for there was never a rollout. */
function unready(code: number, output: string, place: string, service: string): Error {
  if (code === 88) return transient(`the Docker engine on ${place} cannot be asked now how the hook goes on: ${output.trim().slice(-300)}`)
  const failure = applyFailure(code, output, place)
  const words = `compose on ${place} cannot run the service ${service}: ${output.trim().split('\n').at(-1)?.slice(0, 500)}`
  return isRollout(failure) ? hookFailed(words) : failure
}

function refused(error: unknown): never {
  throw isRollout(error) ? hookFailed(error.message) : error
}

function isRollout(error: unknown): error is ApplicationFailure {
  return error instanceof ApplicationFailure && error.type === 'RolloutFailed'
}

function hookFailed(words: string): Error {
  return permanent('HookFailed', words, { observed: [words], log: null })
}
