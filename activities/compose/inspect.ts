import { randomUUID } from 'node:crypto'
import type { Drift } from '../../domain/environment/drift.ts'
import type { AttemptContext } from '../context.ts'
import type { AppliedInput } from '../deploy/target.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect, type Connection } from '../ssh/connect.ts'
import { heldEpoch } from '../ssh/held-epoch.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import { variableLines } from '../ssh/variable-lines.ts'
import { applyFailure } from './apply-failure.ts'
import { EFFECTIVE_SCRIPT, PLACED_SCRIPT } from './apply-script.ts'
import { configurationDrift } from './configuration-drift.ts'
import { decodeContent, type ComposeContent } from './content.ts'
import { readEffective, type EffectiveService } from './effective.ts'
import { readLive, type LiveContainer, type LiveProject } from './live-containers.ts'
import { LIVE_SCRIPT } from './live-script.ts'
import { overrideFile } from './override-file.ts'
import { resolveSecrets } from './secrets.ts'
import { finding, serviceDrift } from './service-drift.ts'
import type { ComposeSetup } from './target.ts'

/** Holds the containers of the project against what was applied. Compose is asked only about what was started otherwise. */
export async function inspectCompose(setup: ComposeSetup, input: AppliedInput, attempt: AttemptContext): Promise<readonly Drift[]> {
  const content = decodeContent(input.content)
  return await withHeartbeat(attempt, `looking at the containers of ${content.project}`, async () => {
    const connection = await connect(setup.host, setup.deps, attempt.signal)
    try {
      const { epoch, project } = await look(connection, setup, input, content, attempt.signal)
      const { drift, changed } = serviceDrift(content, project)
      const details = await detailsOf(connection, setup, content, { changed, project, known: drift }, attempt.signal)
      const isNewer = epoch > input.epoch
      const fence = isNewer ? [{ ...finding('', 'epoch', `${input.epoch} at most`, `${epoch}`, null), object: 'fence' }] : []
      return [...fence, ...drift, ...details]
    } finally {
      connection.close()
    }
  })
}

async function look(
  connection: Connection,
  { target }: ComposeSetup,
  { project, environment }: AppliedInput,
  content: ComposeContent,
  signal: AbortSignal,
): Promise<{ readonly epoch: number; readonly project: LiveProject }> {
  const fence = { call: randomUUID(), state: `${target.directory}/.slipway`, owner: `${project}/${environment}` }
  const command = remoteCommand(LIVE_SCRIPT, [fence.call, fence.state, content.project])
  const { stdout, stderr, exitCode } = await run(connection, { command, signal })
  const epoch = heldEpoch(connection, fence, stdout)
  if (exitCode !== 0) throw applyFailure(exitCode, stderr, connection.place)
  return { epoch, project: readLive(stdout, fence.call, content.project) }
}

type Found = { readonly changed: readonly LiveContainer[]; readonly project: LiveProject; readonly known: readonly Drift[] }

/** Where nothing else tells in what a container differs, that it does is said all the same. */
async function detailsOf(
  connection: Connection,
  setup: ComposeSetup,
  content: ComposeContent,
  { changed, project, known }: Found,
  signal: AbortSignal,
): Promise<readonly Drift[]> {
  if (changed.length === 0) return []
  const services = await effective(connection, setup, content, signal)
  const seen = new Set(known.map(({ object, field }) => (field === 'image' ? object : '')))
  return changed.flatMap((container) => {
    const { service, imageId, createdAt } = container
    const wanted = services !== null && Object.hasOwn(services, service) ? (services[service] ?? null) : null
    const image = project.images.find((each) => each.id === imageId)
    const details = configurationDrift(container, wanted, image)
    const unexplained = details.length === 0 && !seen.has(`service ${service}`)
    return unexplained ? [finding(service, 'configuration', 'as applied', 'changed', createdAt)] : details
  })
}

/** What compose makes of what was applied; null where it cannot be asked any more: a secret is gone, or a placed file is. */
async function effective(
  connection: Connection,
  setup: ComposeSetup,
  content: ComposeContent,
  signal: AbortSignal,
): Promise<Readonly<Record<string, EffectiveService>> | null> {
  const secrets = await resolveSecrets(content.secrets, setup).catch(() => null)
  if (secrets === null) return null
  const call = randomUUID()
  const environment = { ...content.variables, ...secrets }
  const files = { SLIPWAY_FILE: content.file ?? '', SLIPWAY_OVERRIDE: overrideFile(content.overrides, content.format) }
  const { directory } = setup.target
  const { stdout, exitCode } = await run(connection, {
    command:
      content.file === null
        ? remoteCommand(PLACED_SCRIPT, [directory, call])
        : remoteCommand(EFFECTIVE_SCRIPT, [directory, call, content.project]),
    stdin: variableLines(content.file === null ? environment : { ...environment, ...files }),
    signal,
  })
  const start = stdout.indexOf(call)
  return exitCode !== 0 || start < 0 ? null : readEffective(stdout.slice(stdout.indexOf('\n', start) + 1))
}
