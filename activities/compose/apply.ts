import type { AttemptContext } from '../context.ts'
import type { ActInput } from '../deploy/target.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { actionKey } from '../ssh/action-key.ts'
import { connect } from '../ssh/connect.ts'
import { runFenced } from '../ssh/fenced.ts'
import { APPLY_SCRIPT } from './apply-script.ts'
import { applyFailure } from './apply-failure.ts'
import { changesOf } from './changes.ts'
import { decodeContent, type ComposeContent } from './content.ts'
import { fileVariables } from './file-variables.ts'
import { broughtBefore, broughtBy } from './inventory.ts'
import { readPlaced, type Placed } from './placed.ts'
import { redactor } from './redact.ts'
import { resolveSecrets } from './secrets.ts'
import type { ComposeSetup } from './target.ts'

/** Puts the content on the host: one connection, one fenced action. */
export async function applyCompose(
  setup: ComposeSetup,
  input: ActInput,
  attempt: AttemptContext,
): Promise<{ changes: readonly string[]; logText: string }> {
  const content = decodeContent(input.content)
  const previous = input.previous ? decodeContent(input.previous) : null
  const secrets = await resolveSecrets(content.secrets, setup)
  const redact = redactor(Object.values(secrets))
  return withHeartbeat(attempt, `connecting to ${setup.host.address}`, async (tell) => {
    const connection = await connect(setup.host, setup.deps, attempt.signal)
    try {
      const { signal } = attempt
      const environment = { ...content.variables, ...secrets }
      const placed =
        content.file === null
          ? await readPlaced(connection, { setup, input, registry: content.registry, environment, redact, signal })
          : null
      const end = await runFenced(connection, {
        state: `${setup.target.directory}/.slipway`,
        owner: `${input.project}/${input.environment}`,
        fence: input.fence,
        key: actionKey(input),
        script: APPLY_SCRIPT,
        variables: { ...environment, ...actionVariables(setup, content, previous, placed) },
        repeat: 'success',
        onLine: (line) => tell(redact(line)),
        signal,
      })
      const output = redact(end.output)
      if (end.exitCode !== 0) throw applyFailure(end.exitCode, output, connection.place)
      const joined =
        end.way === 'new' ? '' : `The connection was lost on the way; this is what the action that went on without it printed.\n`
      return { changes: changesOf(output, content), logText: `${joined}${output}` }
    } finally {
      connection.close()
    }
  })
}

function actionVariables(
  { target }: ComposeSetup,
  content: ComposeContent,
  previous: ComposeContent | null,
  placed: Placed | null,
): Record<string, string> {
  const overrides = placed?.overrides ?? content.overrides
  return {
    SLIPWAY_DIRECTORY: target.directory,
    SLIPWAY_PROJECT: content.project,
    SLIPWAY_IMAGES: [...new Set(Object.values(overrides))].join(' '),
    SLIPWAY_SERVICES: content.services.join(' '),
    SLIPWAY_BROUGHT: [...broughtBefore(content, previous), ...broughtBy(content)].join(' '),
    SLIPWAY_KNOWN: content.known.join(' '),
    ...fileVariables(content, placed),
  }
}
