import { randomUUID } from 'node:crypto'
import type { UpdateDefinition, WorkflowHandle } from '@temporalio/client'
import type { Connected } from '../connect.ts'
import { isDeadline, isNamed, workerAway } from '../explain.ts'
import { failed, notFound, refused, unreachable } from '../exit.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Action } from '../../domain/authorise.ts'
import type { Rights } from '../../domain/rights.ts'
import { environmentPlace, REPOSITORY_PLACE, sprintPlace } from '../../domain/signed.ts'
import type { Signer } from '../sign/signer.ts'
import type { Spoken } from '../../workflows/messages.ts'
import * as ids from '../../workflows/ids.ts'
import * as messages from '../../workflows/messages.ts'
import { ending } from './ending.ts'
import { onceMore } from './once-more.ts'
import { pendingActivities } from './pending.ts'
import type { Slipway } from './slipway.ts'
import { runTask } from './task.ts'
import { unknownEnvironment } from '../unknown-environment.ts'

/** A question is answered in milliseconds; this long without an answer means that nobody is there. */
const QUERY_MS = 8_000
/** A worker takes an Update within milliseconds; after that a git remote may need its time. */
const ACCEPT_MS = 10_000
const COMPLETE_MS = 60_000
const PROBE_MS = 1_000

/** @param signer signs what is said; without one a name is only a name */
export function openSlipway({ client, connection, address }: Connected, project: string, signer: Signer | null = null): Slipway {
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
    // By one id: what was taken after all counts once.
    const updateId = randomUUID()
    const start = () => within(ACCEPT_MS, () => handle.startUpdate(definition, { args, updateId, waitForStage: 'ACCEPTED' }))
    const started = await onceMore(start).catch(notTaken)
    return await within(COMPLETE_MS, () => started.result()).catch(notDone)
  }
  /** What a person says, signed where that is asked for. Who says it stands in what is signed, and nowhere beside it. */
  const say = async <R, M extends { readonly by: Actor }>(
    { handle, place, rights }: Door,
    action: Action,
    definition: UpdateDefinition<R, [Spoken<M>]>,
    said: M,
  ): Promise<R> => {
    const { by: _by, ...message } = said
    const isAsked = () =>
      rights().then(
        (known) => known?.verified === true,
        () => false,
      )
    const signed = signer === null ? null : await signer({ project, place, action, message }, isAsked)
    return await update(handle, definition, signed === null ? said : { ...said, signed })
  }
  const repositoryDoor: Door = {
    handle: repository,
    place: REPOSITORY_PLACE,
    rights: async () => (await within(QUERY_MS, () => repository.query(messages.repositoryQuery))).settings?.rights,
  }
  const sprintDoor = (version: string): Door => ({
    handle: sprint(version),
    place: sprintPlace(version),
    rights: async () => (await within(QUERY_MS, () => sprint(version).query(messages.sprintQuery))).state.settings.rights,
  })
  const environmentDoor = (name: string): Door => ({
    handle: environment(name),
    place: environmentPlace(name),
    rights: async () => (await within(QUERY_MS, () => environment(name).query(messages.environmentQuery))).state.settings?.rights,
  })
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
    work.catch(async (error: unknown) => {
      if (!isNamed(error, 'WorkflowNotFoundError')) throw error
      const { settings } = await ofProject(within(QUERY_MS, () => repository.query(messages.repositoryQuery)))
      throw await unknownEnvironment(project, name, settings?.environments.map((each) => each.name) ?? [])
    })

  return {
    project,
    address,
    repository: () => ofProject(within(QUERY_MS, () => repository.query(messages.repositoryQuery))),
    startSprint: (wish) => ofProject(say(repositoryDoor, 'startSprint', messages.startSprintUpdate, wish)),
    openSprint: (wish) =>
      ofProject(say(repositoryDoor, wish.as === 'adopt' ? 'adoptSprint' : 'openHotfix', messages.openSprintUpdate, wish)),
    retryBuilds: (by) => ofProject(say(repositoryDoor, 'retryBuilds', messages.retryBuildsUpdate, { by })),
    hint: () => ofProject(within(QUERY_MS, () => repository.signal(messages.hintSignal))),
    sprint: (version) => orNull(() => sprint(version).query(messages.sprintQuery)),
    sprintEnd,
    command: (version, command, by) => ofSprint(version, say(sprintDoor(version), command.kind, messages.commandUpdate, { command, by })),
    environment: (name) => orNull(() => environment(name).query(messages.environmentQuery)),
    approve: (name, vote) => ofEnvironment(name, say(environmentDoor(name), 'approve', messages.approveUpdate, vote)),
    reject: (name, vote) => ofEnvironment(name, say(environmentDoor(name), 'reject', messages.rejectUpdate, vote)),
    withdrawApproval: (name, vote) =>
      ofEnvironment(name, say(environmentDoor(name), 'withdrawApproval', messages.withdrawApprovalUpdate, vote)),
    signOff: (name, wish) => ofEnvironment(name, say(environmentDoor(name), 'signOff', messages.signOffUpdate, wish)),
    retry: (name, by) => ofEnvironment(name, say(environmentDoor(name), 'retry', messages.retryUpdate, { by })),
    rollback: (name, wish) => ofEnvironment(name, say(environmentDoor(name), 'rollback', messages.rollbackUpdate, wish)),
    override: (name, wish) =>
      ofEnvironment(name, say(environmentDoor(name), wish.freeze === true ? 'breakGlass' : 'override', messages.overrideUpdate, wish)),
    hold: (name, kind, wish) =>
      ofEnvironment(name, say(environmentDoor(name), kind, kind === 'lock' ? messages.lockUpdate : messages.pinUpdate, wish)),
    release: (name, kind, wish) =>
      ofEnvironment(name, say(environmentDoor(name), `un${kind}`, kind === 'lock' ? messages.unlockUpdate : messages.unpinUpdate, wish)),
    resolve: (name, wish) => ofEnvironment(name, say(environmentDoor(name), 'resolve', messages.resolveUpdate, wish)),
    veto: (name, wish) => ofEnvironment(name, say(environmentDoor(name), 'veto', messages.vetoUpdate, wish)),
    unveto: (name, wish) => ofEnvironment(name, say(environmentDoor(name), 'unveto', messages.unvetoUpdate, wish)),
    adopt: (name, wish) => ofEnvironment(name, say(environmentDoor(name), 'adopt', messages.adoptUpdate, wish)),
    review: (name, request) => ofEnvironment(name, update(environment(name), messages.reviewUpdate, { request })),
    confirm: (name, wish) => ofEnvironment(name, say(environmentDoor(name), 'confirm', messages.confirmUpdate, wish)),
    inspect: (name, by) => ofEnvironment(name, update(environment(name), messages.inspectUpdate, { by })),
    mergeBack: (tag) => orNull(() => client.workflow.getHandle(ids.mergeBackId(project, tag)).query(messages.mergeBackQuery)),
    build: (revision) => orNull(() => client.workflow.getHandle(ids.buildId(project, revision)).query(messages.buildQuery)),
    buildActivities: (revision) => pendingActivities(client, ids.buildId(project, revision)),
    deploymentActivities: (name, epoch) => pendingActivities(client, ids.deploymentId(project, name, epoch)),
    doctor: (environments) => runTask(client, { type: 'doctor', project, input: { project, environments }, totalMs: 120_000 }),
    plan: (input) => runTask(client, { type: 'plan', project, input: { project, ...input }, totalMs: 600_000 }),
    readLog: (digest, offset) => runTask(client, { type: 'readLog', project, input: { project, digest, offset }, totalMs: 60_000 }),
    evidence: (version, anew) => runTask(client, { type: 'evidence', project, input: { project, version, anew }, totalMs: 600_000 }),
    notes: (name) => runTask(client, { type: 'notes', project, input: { project, name }, totalMs: 300_000 }),
    readContent: (digest, offset) => runTask(client, { type: 'readContent', project, input: { project, digest, offset }, totalMs: 60_000 }),
    clean: () => runTask(client, { type: 'clean', project, input: { project }, totalMs: 2 * 3_600_000 }),
    close: () => connection.close(),
  }
}

/** Where a person's word goes in, and what is known there of who may do what. */
type Door = { readonly handle: WorkflowHandle; readonly place: string; readonly rights: () => Promise<Rights | undefined> }

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
