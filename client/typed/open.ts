import type { UpdateDefinition, WorkflowHandle } from '@temporalio/client'
import type { Connected } from '../connect.ts'
import { isDeadline, isNamed, workerAway } from '../explain.ts'
import { failed, notFound, refused, unreachable } from '../exit.ts'
import * as ids from '../../workflows/ids.ts'
import * as messages from '../../workflows/messages.ts'
import { ending } from './ending.ts'
import { pendingActivities } from './pending.ts'
import type { Slipway } from './slipway.ts'
import { runTask } from './task.ts'

/** A question is answered in milliseconds; this long without an answer means that nobody is there. */
const QUERY_MS = 8_000
/** A worker takes an Update within milliseconds; after that a git remote may need its time. */
const ACCEPT_MS = 10_000
const COMPLETE_MS = 60_000
const PROBE_MS = 1_000

export function openSlipway({ client, connection, address }: Connected, project: string): Slipway {
  const repository = client.workflow.getHandle(ids.repositoryId(project))
  const sprint = (version: string) => client.workflow.getHandle(ids.sprintId(project, version))
  const environment = (name: string) => client.workflow.getHandle(ids.environmentId(project, name))

  const within = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + ms, work)
    } catch (error) {
      // Without an answer it is the worker that is away, or Temporal itself: only asking tells.
      if (isDeadline(error) && !(await answers()))
        throw unreachable(`Temporal at ${address} does not answer any more`, ['slipway doctor'], error)
      throw error
    }
  }
  const answers = () =>
    client
      .withDeadline(Date.now() + PROBE_MS, () => connection.workflowService.getSystemInfo({}))
      .then(
        () => true,
        () => false,
      )
  const orNull = <T>(work: () => Promise<T>): Promise<T | null> => within(QUERY_MS, work).catch(nullWhenMissing)

  const update = async <R, A extends [unknown]>(handle: WorkflowHandle, definition: UpdateDefinition<R, A>, ...args: A): Promise<R> => {
    const started = await within(ACCEPT_MS, () => handle.startUpdate(definition, { args, waitForStage: 'ACCEPTED' })).catch(notTaken)
    return await within(COMPLETE_MS, () => started.result()).catch(notDone)
  }
  const ofProject = <T>(work: Promise<T>): Promise<T> => work.catch((error) => unknownProject(project, error))
  const sprintEnd = (version: string) => within(QUERY_MS, () => ending(sprint(version)))
  const ofSprint = <T>(version: string, work: Promise<T>): Promise<T> =>
    work.catch(async (error: unknown) => {
      const end = isNamed(error, 'WorkflowNotFoundError') ? await sprintEnd(version) : null
      if (end !== null)
        throw refused(`the sprint ${version} is over: it is ${end}`, [`slipway status ${version}`, `slipway hotfix ${version}`])
      return missing(error, `no sprint ${version} of ${project} is known`, ['slipway status', `slipway start ${version}`])
    })
  const ofEnvironment = <T>(name: string, work: Promise<T>): Promise<T> =>
    work.catch((error) => missing(error, `no environment ${name} of ${project} is known`, ['slipway env']))

  return {
    project,
    address,
    repository: () => ofProject(within(QUERY_MS, () => repository.query(messages.repositoryQuery))),
    startSprint: (wish) => ofProject(update(repository, messages.startSprintUpdate, wish)),
    openSprint: (wish) => ofProject(update(repository, messages.openSprintUpdate, wish)),
    retryBuilds: (by) => ofProject(update(repository, messages.retryBuildsUpdate, { by })),
    hint: () => ofProject(within(QUERY_MS, () => repository.signal(messages.hintSignal))),
    sprint: (version) => orNull(() => sprint(version).query(messages.sprintQuery)),
    sprintEnd,
    command: (version, command, by) => ofSprint(version, update(sprint(version), messages.commandUpdate, { command, by })),
    environment: (name) => orNull(() => environment(name).query(messages.environmentQuery)),
    approve: (name, vote) => ofEnvironment(name, update(environment(name), messages.approveUpdate, vote)),
    reject: (name, vote) => ofEnvironment(name, update(environment(name), messages.rejectUpdate, vote)),
    signOff: (name, wish) => ofEnvironment(name, update(environment(name), messages.signOffUpdate, wish)),
    retry: (name, by) => ofEnvironment(name, update(environment(name), messages.retryUpdate, { by })),
    rollback: (name, wish) => ofEnvironment(name, update(environment(name), messages.rollbackUpdate, wish)),
    override: (name, wish) => ofEnvironment(name, update(environment(name), messages.overrideUpdate, wish)),
    hold: (name, kind, wish) =>
      ofEnvironment(name, update(environment(name), kind === 'lock' ? messages.lockUpdate : messages.pinUpdate, wish)),
    release: (name, kind, wish) =>
      ofEnvironment(name, update(environment(name), kind === 'lock' ? messages.unlockUpdate : messages.unpinUpdate, wish)),
    resolve: (name, wish) => ofEnvironment(name, update(environment(name), messages.resolveUpdate, wish)),
    review: (name, request) => ofEnvironment(name, update(environment(name), messages.reviewUpdate, { request })),
    confirm: (name, wish) => ofEnvironment(name, update(environment(name), messages.confirmUpdate, wish)),
    unveto: (name, wish) => ofEnvironment(name, update(environment(name), messages.unvetoUpdate, wish)),
    adopt: (name, wish) => ofEnvironment(name, update(environment(name), messages.adoptUpdate, wish)),
    inspect: (name, by) => ofEnvironment(name, update(environment(name), messages.inspectUpdate, { by })),
    mergeBack: (tag) => orNull(() => client.workflow.getHandle(ids.mergeBackId(project, tag)).query(messages.mergeBackQuery)),
    build: (revision) => orNull(() => client.workflow.getHandle(ids.buildId(project, revision)).query(messages.buildQuery)),
    buildActivities: (revision) => pendingActivities(client, ids.buildId(project, revision)),
    deploymentActivities: (name, epoch) => pendingActivities(client, ids.deploymentId(project, name, epoch)),
    doctor: (environments) => runTask(client, { type: 'doctor', project, input: { project, environments }, totalMs: 120_000 }),
    plan: (input) => runTask(client, { type: 'plan', project, input: { project, ...input }, totalMs: 600_000 }),
    readLog: (digest, offset) => runTask(client, { type: 'readLog', project, input: { project, digest, offset }, totalMs: 60_000 }),
    evidence: (version, anew) => runTask(client, { type: 'evidence', project, input: { project, version, anew }, totalMs: 600_000 }),
    readContent: (digest, offset) => runTask(client, { type: 'readContent', project, input: { project, digest, offset }, totalMs: 60_000 }),
    clean: () => runTask(client, { type: 'clean', project, input: { project }, totalMs: 600_000 }),
    close: () => connection.close(),
  }
}

function nullWhenMissing(error: unknown): null {
  if (isNamed(error, 'WorkflowNotFoundError')) return null
  throw error
}

function missing(error: unknown, sentence: string, next: readonly string[]): never {
  if (isNamed(error, 'WorkflowNotFoundError')) throw notFound(sentence, next)
  throw error
}

function unknownProject(project: string, error: unknown): never {
  return missing(error, `project ${project} is not known to this Temporal: is a worker running with it in estate.yaml?`, [
    'slipway worker',
    'slipway dev',
  ])
}

function notTaken(error: unknown): never {
  if (isNamed(error, 'WorkflowUpdateRPCTimeoutOrCancelledError')) throw workerAway(error)
  throw error
}

function notDone(error: unknown): never {
  if (isNamed(error, 'WorkflowUpdateRPCTimeoutOrCancelledError')) {
    throw failed(`it was taken and is not done after ${COMPLETE_MS / 1000} s; it goes on by itself`, ['slipway status'], error)
  }
  if (isNamed(error, 'WorkflowUpdateFailedError') && error instanceof Error) {
    throw failed(`it did not succeed: ${causeOf(error)}`, ['slipway status'], error)
  }
  throw error
}

function causeOf(error: Error): string {
  let last = error
  while (last.cause instanceof Error) last = last.cause
  return last.message
}
