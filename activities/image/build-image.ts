import { formatImageReference } from '../../domain/image-reference.ts'
import { projectEstate } from '../estate.ts'
import type { ServiceConfig } from '../../config/slipway-schema.ts'
import type { BuiltImage, ImageActivities, StoredContent } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import { transient } from '../failure.ts'
import { withHeartbeat, type Say } from '../heartbeat.ts'
import { prebuildFailure, stepFailure } from './build-failure.ts'
import { createBuildLog, type BuildLog } from './build-log.ts'
import { readBuild } from './build-stream.ts'
import { listContext } from './context-files.ts'
import { packContext } from './context-tar.ts'
import { DISK_FULL, engineFailure } from './engine-failure.ts'
import { engineLogin } from './engine-login.ts'
import { ensureBases } from './ensure-bases.ts'
import { inputsTag } from './inputs.ts'
import { runPrebuild } from './prebuild.ts'
import { readProjectFile, serviceOf } from './project-file.ts'
import { pushImage } from './push-image.ts'
import { readServiceInputs, type ServiceInputs } from './service-inputs.ts'
import type { Workshop } from './workshop.ts'

type Input = Parameters<ImageActivities['buildImage']>[0]

/** One service of one revision, on its way from a checkout to the registry. */
type Job = Input & {
  readonly workshop: Workshop
  readonly attempt: AttemptContext
  readonly say: Say
  readonly config: ServiceConfig
  readonly made: ServiceInputs
  readonly log: BuildLog
}

/** As many as a Dockerfile has stages that a person can read. */
const MOST_BASES = 50

const LOG_TYPE = 'text/plain; charset=utf-8'

/** Builds and pushes a service's image, unless the registry has one that is made of the same inputs. */
export function createBuildImage(workshop: Workshop): ImageActivities['buildImage'] {
  return async (input) => {
    const attempt = workshop.attempt()
    const begun = performance.now()
    return withHeartbeat(attempt, `${input.service}: looking`, async (say) => {
      const built = await build(input, workshop, attempt, say)
      return { ...built, seconds: Math.round(performance.now() - begun) / 1000 }
    })
  }
}

async function build(input: Input, workshop: Workshop, attempt: AttemptContext, say: Say): Promise<Omit<BuiltImage, 'seconds'>> {
  const { project, revision, service } = input
  const { signal } = attempt
  const { buildArgs: estateArgs } = projectEstate(workshop.estate, project)
  const mirror = workshop.mirrors(project)
  await mirror.ensure(revision, signal)
  // Mostly there is something to build, so the checkout does not wait for what comes of looking.
  const checkout = mirror.checkout(revision, signal)
  checkout.catch(() => {})
  try {
    const config = serviceOf(await readProjectFile({ estate: workshop.estate, mirror, project }, revision, signal), service, revision)
    const image = { service, repository: config.image }
    const known = (inputs: string) => workshop.registry.resolve(config.image, inputsTag(inputs), signal)
    const [asked, made] = await Promise.all([
      known(input.inputs),
      readServiceInputs({ service, config, estateArgs, revision, mirror, resolveBase: workshop.resolveBase, signal }),
    ])
    if (asked !== null) return { ...image, digest: asked, inputs: input.inputs, reused: true, log: null }
    // A base image may have moved since the plan: what is counted now is what is built.
    const moved = made.inputs === input.inputs ? null : await known(made.inputs)
    if (moved !== null) return { ...image, digest: moved, inputs: made.inputs, reused: true, log: null }
    const log = createBuildLog((line) => say(`${service}: ${line}`))
    const job: Job = { ...input, workshop, attempt, say, config, made, log }
    const bases = [...made.bases].slice(0, MOST_BASES).map(([name, digest]) => ({ name, digest }))
    return { ...image, inputs: made.inputs, bases, ...(await buildAndPush(job, (await checkout).folder)) }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
      throw transient(`no space is left on the worker to build the image of ${service}. ${DISK_FULL}`, error)
    }
    throw error
  } finally {
    await checkout.then(({ release }) => release()).catch(() => {})
  }
}

async function buildAndPush(job: Job, folder: string): Promise<Pick<BuiltImage, 'digest' | 'reused' | 'log'>> {
  const { workshop, attempt, made, config, say } = job
  const bases = ensureBases({ ...workshop, bases: made.bases, onLine: say, signal: attempt.signal })
  bases.catch(() => {})
  await prebuild(job, folder)
  await bases
  const tag = inputsTag(made.inputs)
  const name = formatImageReference({ registry: workshop.registry.address, repository: config.image, tag, digest: null })
  const imageId = await buildWithEngine(job, folder, name)
  const [pushed, log] = await Promise.all([
    pushImage({ ...workshop, service: job.service, repository: config.image, tag, imageId, say, signal: attempt.signal }),
    storeLog(job),
  ])
  return { ...pushed, log }
}

async function prebuild(job: Job, folder: string): Promise<void> {
  const { prebuild: command } = job.config
  if (!command) return
  job.log.write(`pre-build: ${command.run}\n`)
  const end = await runPrebuild({
    run: command.run,
    folder,
    stateFolder: job.workshop.stateFolder,
    path: job.workshop.environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    timeoutMs: command.timeoutSeconds * 1000,
    onOutput: job.log.write,
    signal: job.attempt.signal,
  })
  if (end.kind === 'failed') throw prebuildFailure({ service: job.service, how: end.how }, job.log, await storeLog(job))
}

/** @returns the id of the image that now has this name */
async function buildWithEngine(job: Job, checkout: string, name: string): Promise<string> {
  const { workshop, config, made, attempt } = job
  const { address } = workshop.registry
  const call = { doing: `build the image of ${job.service}`, engineName: workshop.engineName, registry: address, signal: attempt.signal }
  const files = await listContext({ checkout, context: config.context, dockerfile: config.dockerfile })
  const login = await workshop.registry.login(address, attempt.signal)
  const context = packContext(files)
  let outcome
  try {
    // No labels: each is a further step of the classic builder, and one that costs more than all others of a small image.
    const stream = await workshop.engine.buildImage(context, {
      t: name,
      dockerfile: config.dockerfile,
      buildargs: { ...made.args },
      ...(config.target === undefined ? {} : { target: config.target }),
      ...(login === null ? {} : { registryconfig: { [address]: engineLogin(login, address) as { username: string; password: string } } }),
      rm: true,
      forcerm: true,
      version: '1',
      abortSignal: attempt.signal,
    })
    outcome = await readBuild(stream as AsyncIterable<Buffer>, job.log)
  } catch (error) {
    outcome = refusedDockerfile(error) ?? raise(engineFailure(error, call))
  } finally {
    context.destroy()
  }
  if (outcome.kind === 'built') return outcome.imageId
  throw stepFailure({ service: job.service, registry: address, ...outcome }, job.log, await storeLog(job))
}

/** A Dockerfile that does not parse is refused before the first step, with the reason in the library's error. */
function refusedDockerfile(error: unknown) {
  if (!(error instanceof Error) || !('statusCode' in error) || error.statusCode !== 400) return null
  const { json } = error as { json?: { message?: unknown } }
  return { kind: 'failed', step: null, error: typeof json?.message === 'string' ? json.message : error.message, code: null } as const
}

/** A log that cannot be kept is no reason to lose what it is about. */
async function storeLog(job: Job): Promise<StoredContent | null> {
  try {
    return await job.workshop.store.put(job.log.bytes(), LOG_TYPE, job.attempt.signal)
  } catch {
    if (job.attempt.signal.aborted) throw job.attempt.signal.reason
    job.say(`${job.service}: the build log could not be stored`)
    return null
  }
}

function raise(error: unknown): never {
  throw error
}
