import { randomUUID } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/common'
import { hashOf } from '../../config/hash.ts'
import type { AttemptContext } from '../context.ts'
import type { PlanInput, TargetPlan } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect, type Connection } from '../ssh/connect.ts'
import { heldEpoch } from '../ssh/held-epoch.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import { variableLines } from '../ssh/variable-lines.ts'
import { applyFailure } from './apply-failure.ts'
import { decodeContent, type ComposeContent } from './content.ts'
import { explainedBy } from './explained.ts'
import { fileVariables } from './file-variables.ts'
import { goneServices } from './inventory.ts'
import { readBrought } from './inventory-script.ts'
import { readPlaced } from './placed.ts'
import { readAnswer, type ComposeAnswer } from './plan-answer.ts'
import { PLAN_SCRIPT } from './plan-script.ts'
import { planServices } from './plan-services.ts'
import { redactor } from './redact.ts'
import { resolveSecrets } from './secrets.ts'
import type { ComposeSetup } from './target.ts'

/** Asks the compose on the host what it would do, by its own hashes: at most two commands over one connection. */
export async function planCompose(setup: ComposeSetup, input: PlanInput, attempt: AttemptContext): Promise<TargetPlan> {
  const content = decodeContent(input.content)
  const previous = input.previous ? decodeContent(input.previous) : null
  const secrets = await resolveSecrets(content.secrets, setup)
  const redact = redactor(Object.values(secrets))
  return withHeartbeat(attempt, `asking compose on ${setup.host.address}`, async () => {
    const connection = await connect(setup.host, setup.deps, attempt.signal)
    try {
      const { signal } = attempt
      const environment = { ...content.variables, ...secrets }
      const placed =
        content.file === null
          ? await readPlaced(connection, { setup, input, registry: content.registry, environment, redact, signal })
          : null
      const before = previous ?? content
      const groups = [fileVariables(content, placed), environment, shownVariables(content), shownVariables(before)]
      const { epoch, answer, brought } = await ask(connection, setup, { input, content, groups, redact, signal })
      const changes = planServices({
        answer,
        services: content.services,
        gone: goneServices(content, previous, brought),
        isPlain: { before: explainedBy(before.file, shownVariables(before)), after: explainedBy(content.file, shownVariables(content)) },
      })
      return { changes, basis: basisOf(epoch, answer) }
    } finally {
      connection.close()
    }
  })
}

type Ask = {
  readonly input: PlanInput
  readonly content: ComposeContent
  readonly groups: readonly Readonly<Record<string, string>>[]
  readonly redact: (text: string) => string
  readonly signal: AbortSignal
}

async function ask(connection: Connection, { target }: ComposeSetup, { input, content, groups, redact, signal }: Ask) {
  const { directory } = target
  const fence = { call: randomUUID(), state: `${directory}/.slipway`, owner: `${input.project}/${input.environment}` }
  const kind = content.file === null ? 'placed' : 'file'
  const command = remoteCommand(PLAN_SCRIPT, [fence.call, fence.state, directory, content.project, kind])
  const { stdout, stderr, exitCode } = await run(connection, { command, stdin: groups.map(variableLines).join(''), signal })
  const epoch = heldEpoch(connection, fence, stdout)
  if (exitCode !== 0) throw planFailure(exitCode, redact(stderr), connection.place)
  return { epoch, answer: readAnswer(stdout, fence.call), brought: readBrought(stdout, fence.call, content.project) }
}

/** A secret is shown by its name, and never gets to where its value could be shown. */
function shownVariables({ variables, secrets }: ComposeContent): Readonly<Record<string, string>> {
  return { ...variables, ...Object.fromEntries(secrets.map((name) => [name, `(secret ${name})`])) }
}

/** Which containers there are and what they were made of, and all that the host's own files add to the configuration. */
function basisOf(epoch: number, { containers, after }: ComposeAnswer): string {
  const seen = containers.map(({ id, hash }) => [id, hash] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return hashOf({ epoch, seen, after: after ?? {} })
}

/** Nothing was to roll out: what compose refuses then is the configuration. */
function planFailure(exitCode: number, output: string, place: string): Error {
  const failure = applyFailure(exitCode, output, place)
  if (!(failure instanceof ApplicationFailure) || failure.type !== 'RolloutFailed') return failure
  return permanent('RenderFailed', failure.message.replace('compose up failed', 'compose refuses the configuration'))
}
